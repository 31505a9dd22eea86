//! The worker's program.

fn main() {
    instructbrush_web::worker::start();
}
