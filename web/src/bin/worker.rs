//! Spike.
use instructbrush::models::weights::{Part, WeightSource, Weights};
use instructbrush::service::engine::Engine;
use instructbrush::service::job::*;
use instructbrush::tensor::picture::Picture;
use instructbrush::{Error, Result};
use burn::tensor::Device;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch)]
    fn fetch(url: &str) -> js_sys::Promise;
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

struct Http;
async fn bytes(path: &str) -> Result<Option<Vec<u8>>> {
    let e = |e: JsValue| Error::Checkpoint(format!("{e:?}"));
    let response: web_sys::Response = JsFuture::from(fetch(path)).await.map_err(e)?.unchecked_into();
    if response.status() == 404 { return Ok(None); }
    let buffer = JsFuture::from(response.array_buffer().map_err(e)?).await.map_err(e)?;
    Ok(Some(js_sys::Uint8Array::new(&buffer).to_vec()))
}
impl WeightSource for Http {
    async fn file(&mut self, path: &str) -> Result<Option<Vec<u8>>> { bytes(&format!("/models/demo/{path}")).await }
    async fn fill(&mut self, part: Part, weights: &mut Weights) -> Result<()> {
        let name = match part { Part::TextEncoder | Part::Clip => "model", _ => "diffusion_pytorch_model" };
        let b = bytes(&format!("/models/demo/{}/{name}.safetensors", part.folder())).await?.ok_or(Error::Checkpoint("no".into()))?;
        weights.add_shard(&b, "x")
    }
}
fn say(s: String) { web_sys::console::log_1(&s.into()); }

async fn spike() -> Result<()> {
    let gpu = js_sys::Reflect::get(&js_sys::global(), &"spikeGpu".into()).is_ok_and(|v| v.is_truthy());
    let device = if gpu { Device::wgpu_options().tasks_max(32).init_with_setup_async().await.map(|x| x.device).map_err(|e| Error::Device(format!("{e:?}")))? } else { Device::flex() };
    let t = now();
    let mut engine = Engine::load(device, Http, &mut |_| Reply::Continue).await?;
    say(format!("loaded in {:.0} ms", now() - t));
    let read = async |p: &str| -> Result<Picture> { Picture::decode(&bytes(p).await?.unwrap(), p) };
    let t = now();
    let heard = Heard::Text("make it snow".into());
    let mut job = EditJob::new(read("/samples/midnight/0_0.png").await?, heard);
    job.steps = Some(if gpu {2} else {20});
    if gpu { job.size = Some(64); }
    engine.run(Job::Edit(Box::new(job)), &mut |_| Reply::Continue).await?;
    say(format!("edit in {:.0} ms", now() - t));
    let mut pairs = vec![];
    for i in 0..10 { pairs.push(ExemplarPair { name: String::new(), before: read(&format!("/samples/midnight/{i}_0.png")).await?, after: read(&format!("/samples/midnight/{i}_1.png")).await? }); }
    let mut job = InvertJob::new(pairs);
    job.steps_per_segment = Some(5);
    if gpu { job.size = Some(64); job.start = Start::Text("midnight".into()); }
    let mut t = now();
    engine.run(Job::Invert(Box::new(job)), &mut |e| { say(format!("{:.0} ms {e:?}", now() - t)); t = now(); Reply::Continue }).await?;
    Ok(())
}
fn main() {
    wasm_bindgen_futures::spawn_local(async { if let Err(e) = spike().await { say(format!("FAILED {e}")); } else { say("DONE".into()); } });
}
