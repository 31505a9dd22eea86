//! Header: what this page is, on which device it works, and what can be done when it does not.
use super::learn::icon::icon;
use super::state;
use crate::protocol::DeviceChoice;
use crate::state::Readiness;
use crate::state::device;
use crate::state::theme::Theme;
use crate::words;
use leptos::prelude::*;

/// A screen.
const SYSTEM: &str = "M3 5h18v11H3zM8 20h8M12 16v4";
/// A sun.
const SUN: &str = "M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5";
/// A moon.
const MOON: &str = "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z";

/// Name, sentence, device, colours.
#[component]
pub fn Header() -> impl IntoView {
    view! {
        <header class="top">
            <div class="name">
                <h1>{words::NAME}</h1>
                <p class="tagline">{words::TAGLINE}</p>
            </div>
            <DeviceLine/>
            <super::models::Models/>
            <DeviceList/>
            <Colours/>
        </header>
    }
}

/// The model and its device; or how far they are, or why they are not there, and what can be done.
#[component]
fn DeviceLine() -> impl IntoView {
    let state = state();
    let troubles = state.troubles;
    let has_fallen = move || matches!(state.readiness.get(), Readiness::Fallen(_));
    let is_late = move || troubles.late.get() && state.readiness.get() == Readiness::Starting;
    let device = move || state.model().map(|model| model.device);
    let text = move || match state.readiness.get() {
        Readiness::Starting if is_late() => words::header::STILL_STARTING.to_owned(),
        Readiness::Starting => words::header::STARTING.to_owned(),
        Readiness::Loading(bytes) => words::header::loading(bytes / 1e6),
        Readiness::Ready(model) => words::header::on_device(&model.title, &model.device),
        Readiness::Fallen(why) => why,
    };
    view! {
        <div class="device" class:fallen=move || has_fallen() || is_late()>
            <p
                data-testid="device"
                data-ready=move || state.model().is_some().to_string()
                data-device=move || device().map(|device| if device.gpu { "gpu" } else { "cpu" })
                data-half=move || device().map(|device| device.half.to_string())
                data-software=move || device().map(|device| device.software.to_string())
            >
                {text}
            </p>
            <Show when=move || has_fallen() || is_late()>
                <button type="button" data-testid="try-again" on:click=move |_| state.try_again()>
                    {words::header::TRY_AGAIN}
                </button>
            </Show>
            <Show when=move || has_fallen() && troubles.cpu_would_do.get()>
                <button type="button" class="primary" data-testid="use-cpu"
                    on:click=move |_| state.use_device(DeviceChoice::Cpu)>{words::header::USE_CPU}</button>
            </Show>
        </div>
    }
}

/// Which device is wanted.
#[component]
fn DeviceList() -> impl IntoView {
    let state = state();
    let options = [
        (DeviceChoice::Auto, words::header::AUTO),
        (DeviceChoice::Gpu, words::header::GPU),
        (DeviceChoice::GpuHalf, words::header::GPU_HALF),
        (DeviceChoice::Cpu, words::header::CPU),
    ];
    let is_there = move |choice| {
        choice != DeviceChoice::GpuHalf
            || state.choice.get() == choice
            || state.adapter.get().is_some_and(|adapter| adapter.half)
    };
    view! {
        <select
            class="plain"
            aria-label=words::header::DEVICE
            title=words::header::DEVICE
            data-testid="device-choice"
            prop:value=move || device::name(state.choice.get())
            on:change=move |event| state.use_device(device::choice(&event_target_value(&event)))
        >
            {options.map(|(choice, name)| view! {
                <option value=device::name(choice) hidden=move || !is_there(choice) disabled=move || !is_there(choice)
                    selected=move || state.choice.get() == choice>{name}</option>
            }).into_iter().collect_view()}
        </select>
    }
}

/// As the system, light, dark, in turn.
#[component]
fn Colours() -> impl IntoView {
    let theme = RwSignal::new(Theme::of_page());
    let named = move || match theme.get() {
        Theme::System => words::header::THEME_SYSTEM,
        Theme::Light => words::header::THEME_LIGHT,
        Theme::Dark => words::header::THEME_DARK,
    };
    let drawn = move || match theme.get() {
        Theme::System => icon(SYSTEM),
        Theme::Light => icon(SUN),
        Theme::Dark => icon(MOON),
    };
    let change = move |_| {
        theme.update(|theme| *theme = theme.next());
        theme.get_untracked().show();
    };
    view! {
        <button type="button" class="quiet colours" data-testid="theme" aria-label=named title=named on:click=change>
            {drawn}
        </button>
    }
}
