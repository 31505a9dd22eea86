//! The page's program.
use instructbrush_web::ui::App;

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(App);
}
