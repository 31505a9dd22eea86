//! Kinds: what a scene can be, one file per kind; each is a struct of what is chosen, and a way to draw it.
pub mod beach;
pub mod city;
pub mod garden;
pub mod landscape;
pub mod pet;
pub mod portrait;
pub mod street;
pub mod table;
pub mod village;
