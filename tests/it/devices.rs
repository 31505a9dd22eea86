//! Devices: names, what is offered, and that what is offered computes.
use instructbrush::platform::devices::{DeviceName, list, open};

#[test]
fn names_are_read_as_written() {
    for name in DeviceName::ALL {
        assert_eq!(name.to_string().parse::<DeviceName>().unwrap(), name);
    }
    let error = "tpu".parse::<DeviceName>().unwrap_err();
    assert!(error.is_usage());
    assert_eq!(error.to_string(), "\"tpu\" is not a device; choose one of auto, cpu, cuda, vulkan, wgpu");
}

#[test]
fn what_is_offered_opens_and_the_rest_says_why() {
    for offered in list() {
        match open(offered.name) {
            Ok(_) => assert!(offered.available, "{} opened although the list says: {}", offered.name, offered.note),
            Err(error) => {
                assert!(!offered.available, "{} is offered but does not open: {error}", offered.name);
                assert_eq!(error.to_string(), offered.note, "the list and the error must say the same");
            }
        }
    }
}

#[test]
fn auto_always_finds_a_device_and_a_device_opens_twice() {
    assert_eq!(open(DeviceName::Auto).unwrap(), open(DeviceName::Auto).unwrap());
}
