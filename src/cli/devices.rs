//! Devices: what this build and this machine offer to compute on.
use super::print;
use crate::Result;
use crate::platform::devices::{DeviceInfo, list};

/// Prints the list.
pub fn run(json: bool) -> Result<()> {
    let devices = list();
    if json {
        return print::line(&serde_json::Value::from(devices.iter().map(as_json).collect::<Vec<_>>()).to_string());
    }
    print::text(&devices.iter().map(as_row).collect::<String>())
}

fn as_json(device: &DeviceInfo) -> serde_json::Value {
    serde_json::json!({
        "name": device.name.as_str(),
        "available": device.available,
        "description": device.description,
        "note": device.note,
    })
}

/// One line of the table: the name, whether it is there, and what there is to say.
fn as_row(device: &DeviceInfo) -> String {
    let there = if device.available { "yes" } else { "no" };
    let said = [device.description.as_str(), device.note.as_str()];
    let said = said.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ");
    format!("{:<8}{there:<5}{said}\n", device.name.as_str())
}
