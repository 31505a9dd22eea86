use burn::tensor::{Distribution, Tensor, module::conv2d, ops::ConvOptions};
use instructbrush::{platform::devices, tensor::ops};
use std::time::Instant;
fn best(f: impl Fn()) -> f64 { (0..4).map(|_| { let t = Instant::now(); f(); t.elapsed().as_secs_f64() * 1e3 }).fold(1e9, f64::min) }
fn main() {
    let device = devices::open(devices::DeviceName::Cpu).unwrap();
    for (b, ci, co, s, k) in [(8, 8, 8, 64, 3), (8, 32, 8, 64, 3), (8, 32, 32, 32, 3), (8, 64, 64, 16, 3), (8, 3, 8, 64, 3), (8, 64, 64, 8, 3), (32, 128, 128, 4, 3), (32, 64, 64, 8, 3), (32, 32, 32, 16, 3), (32,96,32,16,3), (8, 8, 32, 32, 1)] {
        let x = Tensor::<4>::random([b, ci, s, s], Distribution::Default, &device);
        let w = Tensor::<4>::random([co, ci, k, k], Distribution::Default, &device);
        let o = || ConvOptions::new([1, 1], [k / 2, k / 2], [1, 1], 1);
        let gf = 2.0 * (b * ci * co * s * s * k * k) as f64 / 1e9;
        let f = best(|| { conv2d(x.clone(), w.clone(), None, o()).into_data(); });
        let bx = best(|| { let x = x.clone().autodiff().require_grad(); let g = conv2d(x.clone(), w.clone(), None, o()).sum().backward(); x.grad(&g).unwrap().into_data(); });
        let bw = best(|| { let w = w.clone().autodiff().require_grad(); let g = conv2d(x.clone(), w.clone(), None, o()).sum().backward(); w.grad(&g).unwrap().into_data(); });
        let bias = Tensor::<1>::zeros([co], &device);
        let own = |x: Tensor<4>, w: Tensor<4>| ops::conv2d(x, w, bias.clone(), 1, k / 2);
        let of = best(|| { own(x.clone(), w.clone()).into_data(); });
        let ox = best(|| { let x = x.clone().autodiff().require_grad(); let g = own(x.clone(), w.clone()).sum().backward(); x.grad(&g).unwrap().into_data(); });
        let ow = best(|| { let w = w.clone().autodiff().require_grad(); let g = own(x.clone(), w.clone()).sum().backward(); w.grad(&g).unwrap().into_data(); });
        println!("   own: forward {of:.2} ms ({:.1} GF/s), +x {:.2} ({:.1}), +w {:.2} ({:.1})", gf / of * 1e3, ox - of, gf / (ox - of) * 1e3, ow - of, gf / (ow - of) * 1e3);
        println!("b{b} {ci}->{co} {s}² k{k}: {gf:.3} GF; forward {f:.2} ms ({:.1} GF/s), +x {:.2} ms ({:.1}), +w {:.2} ms ({:.1})", gf / f * 1e3, bx - f, gf / (bx - f) * 1e3, bw - f, gf / (bw - f) * 1e3);
    }
}
