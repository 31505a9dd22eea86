//! Fuzz the instruction file and the state of a run: what is read can be written and read again.
#![no_main]
use instructbrush::instruction::Instruction;
use instructbrush::instruction::file::Precision;
use instructbrush::instruction::state::State;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(instruction) = Instruction::decode(bytes) {
        let written = instruction.encode(Precision::F32).expect("what was read can be written");
        assert_eq!(Instruction::decode(&written).expect("what was written can be read"), instruction);
    }
    let _ = State::decode(bytes);
});
