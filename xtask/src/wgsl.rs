//! WGSL: the shaders that a browser runs, tried natively on any adapter; Mesa's software one is enough.
//!
//! A build with the feature `wgpu` and without `vulkan` compiles every kernel to WGSL, so a test that passes here has
//! run the arithmetic that the browser will run.
use crate::debian;
use crate::shell::Result;
use crate::stages::Stages;
use crate::test::{FEATURES, native_tests};

/// The Debian package with lavapipe, Vulkan on the CPU.
const DRIVER: &str = "mesa-vulkan-drivers";

/// Installs the driver and runs the tests of models, gradients, operations and products of halves on it.
pub fn run(stages: &mut Stages) -> Result<()> {
    stages.run("a Vulkan driver", |_| driver())?;
    stages.run("models and gradients in WGSL", |stages| {
        let only = ["devices::", "models::", "gradients::", "ops::", "halves::", "products_of_halves"];
        let mut tests = native_tests();
        tests.args(FEATURES).args(["--test", "it", "--"]).args(only);
        stages.run_tests(tests.env("INSTRUCTBRUSH_TEST_DEVICE", "wgpu"))
    })
}

/// Makes sure of one on Linux. One that somebody installed by other means counts.
pub fn driver() -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let folders = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];
    let found = folders.into_iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten().flatten();
    let lavapipe = found.map(|entry| entry.path()).find(|path| path.to_string_lossy().contains("lvp_icd"));
    match lavapipe {
        Some(path) => println!("lavapipe: {}", path.display()),
        None => debian::require(&[DRIVER], "WGSL without a GPU")?,
    }
    Ok(())
}
