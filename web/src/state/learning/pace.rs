//! Pace: how long a learning step takes on this device, as measured in earlier runs.
use crate::protocol::ModelInfo;
use web_sys::Storage;

/// Of a step of one segment in ms, before anything was measured: on the CPU.
const CPU: f64 = 60.0;
/// Likewise, on a GPU.
const GPU: f64 = 25.0;
/// Likewise, on one that only pretends.
const SOFTWARE: f64 = 1500.0;

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn key(model: &ModelInfo) -> String {
    format!("instructbrush.pace/{}/{}", model.device.name, model.fingerprint)
}

/// Milliseconds that only go forwards, whatever is done to the clock.
pub fn now() -> f64 {
    web_sys::window().and_then(|window| window.performance()).map_or_else(js_sys::Date::now, |clock| clock.now())
}

/// Time of a step of one segment, in ms.
pub fn known(model: &ModelInfo) -> f64 {
    let measured = storage().and_then(|storage| storage.get_item(&key(model)).ok().flatten());
    let measured = measured.and_then(|text| text.parse::<f64>().ok()).filter(|ms| ms.is_finite() && *ms > 0.0);
    let area = (model.resolution as f64 / 128.0).powi(2);
    measured.unwrap_or(match (model.device.gpu, model.device.software) {
        (_, true) => SOFTWARE * area,
        (true, _) => GPU * area,
        _ => CPU * area,
    })
}

/// Keeps what was measured for the next visit; where nothing can be kept, the next visit measures again.
pub fn keep(model: &ModelInfo, ms: f64) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&key(model), &format!("{ms:.3}"));
    }
}
