//! Parts: what scenes are put together from: sky, land, trees, houses, people, animals, things.
pub mod beast;
pub mod flower;
pub mod food;
pub mod hair;
pub mod held;
pub mod house;
pub mod land;
pub mod landmark;
pub mod person;
pub mod sky;
pub mod street;
pub mod things;
pub mod tree;
