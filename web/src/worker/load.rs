//! Load: which device there is, and a base model from a folder of a site.
use super::drawer::Drawer;
use super::host::{Host, Loaded, Wish, failure};
use super::models;
use super::room::{Room, enough};
use super::wire::{event, now, scope};
use crate::protocol::{DeviceChoice, DeviceInfo, Event, Failure, LoadAsk, ModelChoice, ModelInfo, sampler_named};
use crate::words;
use instructbrush::models::packed::pack::Precision;
use instructbrush::models::packed::read::PackedSource;
use instructbrush::models::weights::{Part, WeightSource, Weights};
use instructbrush::platform::browser;
use instructbrush::service::engine::Engine;
use instructbrush::service::job::{Event as EngineEvent, Memory, Reply};
use instructbrush::service::plan::{Allowance, Kept, Planner};
use instructbrush::service::settled::Defaults;
use instructbrush::{Error, Result};
use js_sys::{Function, Promise, Reflect, Uint8Array};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, Response};

/// Names under which software renderers go.
const SOFTWARE: [&str; 4] = ["swiftshader", "llvmpipe", "lavapipe", "microsoft basic render"];
/// All that a worker's WebAssembly can address, and so what the CPU has.
const ADDRESSED: u64 = 4 << 30;
/// Bytes of a buffer that every adapter of WebGPU gives.
const LEAST_BUFFER: f64 = (128 << 20) as f64;
/// cubecl opens no device without it.
const NEEDED: &str = "timestamp-query";
/// What a GPU that computes with 16-bit numbers offers.
const HALF: &str = "shader-f16";

/// Opens a device and loads a model.
pub async fn load(id: u32, host: &Host, ask: LoadAsk) -> Result<Loaded, Failure> {
    let began = now();
    let mut notes = Vec::new();
    let (mut device, mut found) = match ask.device {
        DeviceChoice::Cpu => (browser::cpu(), cpu()),
        DeviceChoice::Gpu | DeviceChoice::GpuHalf => gpu().await.map_err(Failure::Device)?,
        DeviceChoice::Auto => match adapter().await {
            Ok(found) if !found.info.software => match gpu().await {
                Ok(opened) => opened,
                Err(why) => {
                    notes.push(words::cpu_instead(&why));
                    (browser::cpu(), cpu())
                }
            },
            _ => (browser::cpu(), cpu()),
        },
    };
    let (source, planner) = match ask.model {
        ModelChoice::Site(root) => {
            let mut source = Source::Site(HttpSource { root, bytes: Rc::new(Cell::new(0.0)), id });
            let planner = Planner::new(&mut source, Kept::In(Precision::F32), &browser::cpu()).await;
            (source, planner)
        }
        ModelChoice::Kept(name) => {
            let mut source = models::open(&name).await.map_err(failure)?;
            let index = source.index().clone();
            let planner = models::planner(&mut source, &index).await;
            (Source::Kept(source), planner)
        }
    };
    let planner = planner.map_err(failure)?;
    match enough(&planner, found.has) {
        Err(why) if ask.device == DeviceChoice::Auto && found.info.gpu => {
            notes.push(words::cpu_instead(why.sentence()));
            (device, found) = (browser::cpu(), cpu());
            enough(&planner, found.has)?;
        }
        enough => enough?,
    }
    found.info.half = ask.device == DeviceChoice::GpuHalf
        && match browser::try_out_half(&device).await {
            Ok(()) => true,
            Err(Error::Device(why)) => {
                notes.push(words::whole_instead(&why));
                false
            }
            Err(error) => return Err(Failure::Device(error.to_string())),
        };
    let Found { info, has } = found;
    let (room, note) = Room::new(planner, has);
    notes.extend(note);
    let on_event = &mut |engine_event| {
        match engine_event {
            EngineEvent::Warning(text) => event(id, Event::Warning(text)),
            EngineEvent::Doing(text) => event(id, Event::Doing(text)),
            _ => {}
        }
        if host.wished(id) == Some(Wish::Stop) { Reply::Stop } else { Reply::Continue }
    };
    let mut engine = Engine::load(device, source, on_event).await.map_err(failure)?;
    let sparing = ask.sparing && info.gpu;
    if sparing {
        engine.set_memory(Memory::Low);
        notes.push(words::SPARING.to_owned());
    }
    let model = describe(&engine, info, sparing, now() - began, notes);
    Ok(Loaded { engine, room, model })
}

fn describe(engine: &Engine<Source>, device: DeviceInfo, sparing: bool, ms: f64, notes: Vec<String>) -> ModelInfo {
    let settings = Defaults::of(engine.recommended());
    ModelInfo {
        title: engine.title().to_owned(),
        fingerprint: engine.fingerprint().to_owned(),
        resolution: engine.resolution(),
        steps: settings.steps,
        sampler: sampler_named(settings.sampler.name()),
        guidance_scale: settings.guidance_scale,
        image_guidance_scale: settings.image_guidance_scale,
        steps_per_segment: settings.steps_per_segment,
        learning_rate: settings.learning_rate,
        device,
        sparing,
        ms,
        notes,
    }
}

/// A device, and what it has.
pub struct Found {
    /// As people know it.
    pub info: DeviceInfo,
    /// Its room.
    pub has: Allowance,
}

/// The processor.
pub fn cpu() -> Found {
    let info = DeviceInfo { name: "CPU".to_owned(), gpu: false, software: false, half: false };
    Found { info, has: Allowance { memory: Some(ADDRESSED), buffer: None } }
}

async fn gpu() -> Result<(burn::tensor::Device, Found), String> {
    let found = adapter().await?;
    let device = browser::gpu(found.info.software).await.map_err(|error| error.to_string())?;
    Ok((device, found))
}

/// The adapter that WebGPU offers.
///
/// # Errors
/// A sentence: there is no WebGPU, or not enough of it.
pub async fn adapter() -> Result<Found, String> {
    let none = || words::NO_WEBGPU.to_owned();
    let field = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).ok().filter(|value| !value.is_falsy());
    let gpu = field(&scope().navigator(), "gpu").ok_or_else(none)?;
    let request: Function = field(&gpu, "requestAdapter").and_then(|f| f.dyn_into().ok()).ok_or_else(none)?;
    let promise: Promise = request.call0(&gpu).ok().and_then(|p| p.dyn_into().ok()).ok_or_else(none)?;
    let adapter = JsFuture::from(promise).await.ok().filter(|adapter| !adapter.is_falsy()).ok_or_else(none)?;
    let features = field(&adapter, "features").ok_or_else(none)?;
    let has: Option<Function> = field(&features, "has").and_then(|f| f.dyn_into().ok());
    let offers = |feature: &str| {
        let said = has.as_ref().and_then(|has| has.call1(&features, &feature.into()).ok());
        said.is_some_and(|said| said.is_truthy())
    };
    if !offers(NEEDED) {
        return Err(words::OLD_WEBGPU.to_owned());
    }
    let info = field(&adapter, "info").unwrap_or_default();
    let word = |name: &str| field(&info, name).and_then(|value| value.as_string()).unwrap_or_default();
    let (vendor, kind, described) = (word("vendor"), word("architecture"), word("description"));
    let name = if described.is_empty() { format!("{vendor} {kind}").trim().to_owned() } else { described };
    let all = format!("{name} {vendor} {kind} {}", word("device")).to_lowercase();
    let fallback = [&adapter, &info].iter().any(|of| field(of, "isFallbackAdapter").is_some());
    let software = fallback || SOFTWARE.iter().any(|software| all.contains(software));
    let limits = field(&adapter, "limits").unwrap_or_default();
    let limit = |name: &str| field(&limits, name).and_then(|limit| limit.as_f64());
    // a browser that does not say allows what every adapter does
    let bytes = ["maxStorageBufferBindingSize", "maxBufferSize"].map(|name| limit(name).unwrap_or(LEAST_BUFFER));
    let buffer = Some(bytes[0].min(bytes[1]) as u64);
    let name = if name.is_empty() { "WebGPU".to_owned() } else { name };
    let info = DeviceInfo { name, gpu: true, software, half: offers(HALF) };
    // a browser does not tell a GPU's memory
    Ok(Found { info, has: Allowance { memory: None, buffer } })
}

/// Where a base model's weights are.
pub enum Source {
    /// On this page's own site.
    Site(HttpSource),
    /// In this browser.
    Kept(PackedSource<Drawer>),
}

impl WeightSource for Source {
    async fn file(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Site(source) => source.file(path).await,
            Self::Kept(source) => source.file(path).await,
        }
    }

    async fn fill(&mut self, part: Part, weights: &mut Weights) -> Result<()> {
        match self {
            Self::Site(source) => source.fill(part, weights).await,
            Self::Kept(source) => source.fill(part, weights).await,
        }
    }
}

/// A folder in diffusers' layout on a site.
pub struct HttpSource {
    root: String,
    bytes: Rc<Cell<f64>>,
    id: u32,
}

impl HttpSource {
    /// The file, or `None` where the site has none of that name.
    async fn fetch(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let url = format!("{}{path}", self.root);
        let lost = |_: JsValue| Error::Checkpoint(words::no_network(path));
        let promise: Promise = Reflect::get(&scope(), &"fetch".into())
            .and_then(|fetch| fetch.unchecked_into::<Function>().call1(&JsValue::UNDEFINED, &url.into()))
            .map_err(lost)?
            .unchecked_into();
        let response: Response = JsFuture::from(promise).await.map_err(lost)?.unchecked_into();
        if response.status() == 404 {
            return Ok(None);
        }
        if !response.ok() {
            return Err(Error::Checkpoint(words::bad_status(path, response.status())));
        }
        let Some(body) = response.body() else { return Ok(Some(Vec::new())) };
        let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
        let mut all = Vec::new();
        loop {
            let chunk = JsFuture::from(reader.read()).await.map_err(lost)?;
            if Reflect::get(&chunk, &"done".into()).map_err(lost)?.is_truthy() {
                return Ok(Some(all));
            }
            let part: Uint8Array = Reflect::get(&chunk, &"value".into()).map_err(lost)?.unchecked_into();
            let start = all.len();
            all.resize(start + part.length() as usize, 0);
            part.copy_to(&mut all[start..]);
            self.bytes.set(self.bytes.get() + f64::from(part.length()));
            event(self.id, Event::Loading { bytes: self.bytes.get() });
        }
    }
}

impl WeightSource for HttpSource {
    async fn file(&mut self, path: &str) -> Result<Option<Vec<u8>>> {
        self.fetch(path).await
    }

    async fn fill(&mut self, part: Part, weights: &mut Weights) -> Result<()> {
        let folder = part.folder();
        for name in ["diffusion_pytorch_model.safetensors", "model.safetensors"] {
            let path = format!("{folder}/{name}");
            if let Some(bytes) = self.fetch(&path).await? {
                return weights.add_shard(&bytes, &path);
            }
        }
        Err(Error::Checkpoint(format!("{folder}: there are no weights (.safetensors) on the site in this folder")))
    }
}
