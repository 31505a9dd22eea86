//! Noise against PyTorch 2.15: `torch.randn(n, generator=torch.Generator("cpu").manual_seed(seed))`.
use super::reference::Golden;
use instructbrush::tensor::noise::{Noise, mix};

fn check(drawn: &[f32], expected: &[f32]) {
    assert_eq!(drawn.len(), expected.len());
    for (idx, (drawn, expected)) in drawn.iter().zip(expected).enumerate() {
        assert!((drawn - expected).abs() <= 1e-6, "number {idx}: expected {expected}, got {drawn}");
    }
}

#[test]
fn few_numbers_come_in_pairs_and_the_low_half_of_a_seed_counts() {
    check(&Noise::new(0).draw(4), &[1.540_996_1, -0.293_428_9, -2.178_789_4, 0.568_431_26]);
    let five = [-0.486_780_76, -0.603_821_6, -0.558_096_23];
    let mut noise = Noise::new((1 << 40) + 5);
    check(&noise.draw(3), &five);
    check(&Noise::new(5).draw(3), &five);
    // The fourth was kept.
    check(&noise.draw(3), &[0.667_524_3, -0.197_415_1, 1.942_783_5]);
    check(&Noise::new(u64::MAX).draw(3), &[1.219_763, -0.392_979_47, 1.023_075_1]);
}

#[test]
fn successive_draws_of_every_kind_follow_one_stream() {
    let mut noise = Noise::new(7);
    let numbers = noise.draw(37);
    check(&numbers[..4], &[-0.820_134_5, 0.395_631_16, 0.898_908_5, -1.388_403_9]);
    check(
        &numbers[17..], // the ragged tail
        &[
            -0.324_566_63,
            1.926_368_1,
            -0.330_011_73,
            0.198_445_05,
            -0.661_867_56,
            -0.828_452_05,
            -0.605_680_3,
            -0.135_436_9,
            0.747_118_2,
            0.611_815_75,
            1.867_783_5,
            2.511_602_9,
            -0.250_132_62,
            0.501_121_46,
            0.260_036_2,
            -1.637_021_3,
            0.157_711_9,
            0.395_740_93,
            -1.367_739_7,
            -0.100_734_316,
        ],
    );
    check(&noise.draw(3), &[0.037_146_818, -0.479_686_6, 1.714_224_6]);
    check(&noise.draw(16)[14..], &[-0.143_939_96, -0.812_004_57]);
    check(&noise.draw(2), &[-0.082_888_976, -0.044_346_66]); // the first was kept from before the sixteen
    let uniforms: [f32; 3] = std::array::from_fn(|_| noise.uniform());
    assert_eq!(uniforms, [0.092_191_756, 0.362_461_27, 0.413_566_3]);
    let integers: [u32; 4] = std::array::from_fn(|_| noise.below(1000));
    assert_eq!(integers, [211, 969, 779, 147]);
    assert_eq!(noise.below(0), 0);
}

#[test]
fn every_seed_and_count_of_the_reference_is_drawn() {
    let golden = Golden::open("numbers");
    for name in golden.names("noise.") {
        let numbers = |part: &str| part.split('.').map(|word| word.parse::<u64>().unwrap()).collect::<Vec<_>>();
        // twice: the first of two draws is thrown away for the second; thrice: as many as went before
        let (mut noise, before, n) = match name.split_once('.').unwrap() {
            ("twice", rest) => match numbers(rest)[..] {
                [a, _, 0] => (Noise::new(7), 0, a),
                [a, b, _] => (Noise::new(7), a, b),
                _ => panic!("{name}"),
            },
            ("thrice", which) => (Noise::new(11), 1024 * numbers(which)[0], 1024),
            (seed, n) => (Noise::new(numbers(seed)[0]), 0, numbers(n)[0]),
        };
        if name.starts_with("thrice") {
            (0..before / 1024).for_each(|_| drop(noise.draw(1024)));
        } else {
            noise.draw(before as usize);
        }
        check(&noise.draw(n as usize), &golden.values(&format!("noise.{name}")));
    }
}

#[test]
fn a_tensor_holds_the_same_numbers() {
    let device = burn::tensor::Device::default();
    let tensor = Noise::new(3).tensor([1, 4, 3, 5], &device);
    let drawn = pollster::block_on(instructbrush::tensor::readback::read(tensor)).unwrap();
    assert_eq!(drawn, Noise::new(3).draw(60));
}

#[test]
fn every_step_has_its_own_noise() {
    // Resumed runs rely on this very hash.
    assert_eq!(mix(0, 0, 0), 0x238275bc38fcbe91);
    let mut seen = std::collections::HashSet::new();
    for seed in 0..10 {
        for step in 0..1000 {
            for stream in 0..3 {
                seen.insert(mix(seed, step, stream) as u32);
            }
        }
    }
    assert!(seen.len() > 29_980, "{} of 30,000 differ", seen.len());
}
