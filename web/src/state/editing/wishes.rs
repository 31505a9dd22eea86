//! Wishes: what the user wants done to photos; what is not set is as the instruction recommends, else the model.
use crate::protocol::{Card, Sampler};
use crate::protocol::{MOST_TEXT, Named, Order, Plan};
use leptos::prelude::*;

/// Signals of what the user wants.
#[derive(Clone, Copy)]
pub struct Wishes {
    /// Words to follow.
    pub text: RwSignal<String>,
    /// What is done first.
    pub order: RwSignal<Order>,
    /// 0 to 150 percent.
    pub amount: RwSignal<Option<f64>>,
    /// Sampling steps.
    pub steps: RwSignal<Option<usize>>,
    /// s_T.
    pub guidance_scale: RwSignal<Option<f64>>,
    /// s_I.
    pub image_guidance_scale: RwSignal<Option<f64>>,
    /// Which sampler.
    pub sampler: RwSignal<Option<Sampler>>,
    /// The noise.
    pub seed: RwSignal<u64>,
    /// Longer side inside the model.
    pub size: RwSignal<Option<usize>>,
    /// Per segment of the chosen instruction, whether it is heard; empty: all are.
    pub segments: RwSignal<Vec<bool>>,
}

impl Wishes {
    /// As recommended.
    pub fn new() -> Self {
        Self {
            text: RwSignal::new(String::new()),
            order: RwSignal::new(Order::default()),
            amount: RwSignal::new(None),
            steps: RwSignal::new(None),
            guidance_scale: RwSignal::new(None),
            image_guidance_scale: RwSignal::new(None),
            sampler: RwSignal::new(None),
            seed: RwSignal::new(0),
            size: RwSignal::new(None),
            segments: RwSignal::new(Vec::new()),
        }
    }

    /// Everything but the words as recommended.
    pub fn forget_numbers(self) {
        self.set(Plan { text: self.text.get_untracked(), order: self.order.get_untracked(), ..Plan::default() });
    }

    /// As in a plan.
    pub fn set(self, plan: Plan) {
        self.text.set(plan.text);
        self.order.set(plan.order);
        self.amount.set(plan.amount);
        self.steps.set(plan.steps);
        self.guidance_scale.set(plan.guidance_scale);
        self.image_guidance_scale.set(plan.image_guidance_scale);
        self.sampler.set(plan.sampler);
        self.seed.set(plan.seed);
        self.size.set(plan.size);
        self.segments.set(plan.segments);
    }

    /// As a plan, with the chosen instruction.
    pub fn plan(self, card: Option<(String, &Card)>) -> Plan {
        let mut plan = Plan {
            instruction: None,
            text: self.text.get().trim().chars().take(MOST_TEXT).collect(),
            order: self.order.get(),
            amount: self.amount.get(),
            steps: self.steps.get(),
            guidance_scale: self.guidance_scale.get(),
            image_guidance_scale: self.image_guidance_scale.get(),
            sampler: self.sampler.get(),
            seed: self.seed.get(),
            size: self.size.get(),
            segments: self.segments.get(),
        };
        plan.segments = card.as_ref().map(|(_, card)| plan.segments_of(card)).unwrap_or_default();
        plan.instruction = card.map(|(id, card)| Named { id, hash: card.id().to_owned(), title: card.title.clone() });
        plan
    }
}

impl Default for Wishes {
    fn default() -> Self {
        Self::new()
    }
}
