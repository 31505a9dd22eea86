//! Opening: files that the user drops, pastes or picks become sides of pairs.
use super::Learning;
use super::matching::{Single, matched};
use super::pairs::{Origin, Pair, Side, View};
use crate::protocol::PictureInfo;
use crate::state::State;
use crate::state::opening::{self, MOST_BYTES, Opened};
use crate::words::learn as words;
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{Blob, File};

/// The longer side of a view, in pixels.
const VIEW: usize = 512;

impl Learning {
    /// Adds files: matched with one another, and with sides that wait for a partner.
    pub fn add(self, state: State, files: Vec<File>) {
        let (files, large): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| file.size() <= MOST_BYTES);
        large.iter().for_each(|file| state.fail(words::too_large(&file.name(), file.size())));
        if files.is_empty() {
            return;
        }
        let undo = self.sample.get_untracked().map(|_| self.as_is(words::SAMPLE_REPLACED));
        if undo.is_some() {
            self.sample.set(None);
            self.pairs.set(Vec::new());
            self.wishes.forget_words();
        }
        self.changed();
        self.undo.set(undo);
        let fresh: Vec<Side> =
            files.iter().map(|file| Side::unread(self.next(), file.name(), file.clone().into())).collect();
        let opened: Vec<u32> = fresh.iter().map(|side| side.id).collect();
        self.place_sides(fresh);
        for (id, file) in opened.into_iter().zip(files) {
            self.read(state, id, file.name(), file.into());
        }
    }

    fn place_sides(self, fresh: Vec<Side>) {
        let filling = self.filling.get_untracked();
        self.filling.set(None);
        self.pairs.update(|pairs| {
            let (mut lonely, whole): (Vec<_>, Vec<_>) =
                std::mem::take(pairs).into_iter().partition(|pair| pair.sides().count() < 2);
            lonely.sort_by_key(|pair| Some(pair.id) != filling);
            let waiting = lonely.iter().flat_map(|pair| pair.sides().cloned().map(|side| (true, side)));
            let all: Vec<(bool, Side)> = waiting.chain(fresh.into_iter().map(|side| (false, side))).collect();
            let singles: Vec<Single> =
                all.iter().map(|(waits, side)| Single { name: side.name.clone(), waits: *waits }).collect();
            // One file for one empty place goes there, whatever it is called.
            let one = filling.is_some() && all.iter().filter(|(waits, _)| !waits).count() == 1;
            let matches = matched(&singles);
            *pairs = whole;
            if let (true, [pair, ..], Some((_, fresh))) = (one, lonely.as_mut_slice(), all.last()) {
                let empty = if pair.before.is_none() { &mut pair.before } else { &mut pair.after };
                *empty = Some(fresh.clone());
                pairs.append(&mut lonely);
                return;
            }
            let side = |idx: Option<usize>| idx.and_then(|idx| all.get(idx)).map(|(_, side)| side.clone());
            for found in matches {
                let (before, after) = (side(found.before), side(found.after));
                pairs.push(Pair { id: self.next(), before, after, ..Pair::default() });
            }
        });
    }

    /// Reads a side, beside other work.
    pub(super) fn read(self, state: State, id: u32, name: String, file: Blob) {
        spawn_local(async move { self.open(state, id, name, file).await });
    }

    pub(super) async fn open(self, state: State, id: u32, name: String, file: Blob) {
        let Some(bridge) = state.bridge() else { return };
        match opening::open(&bridge, file, &name, VIEW).await {
            Ok(Opened { info, view, file }) => self.opened(state, id, info, view, file),
            Err(why) => {
                self.pairs.update(|pairs| {
                    for pair in pairs.iter_mut() {
                        pair.before.take_if(|side| side.id == id);
                        pair.after.take_if(|side| side.id == id);
                    }
                    pairs.retain(|pair| pair.sides().next().is_some());
                });
                state.fail(why);
            }
        }
    }

    fn opened(self, state: State, id: u32, info: PictureInfo, view: Uint8Array, file: Blob) {
        let mut whole = None;
        self.pairs.update(|pairs| {
            let of = |pair: &&mut Pair| pair.sides().any(|side| side.id == id);
            let Some(pair) = pairs.iter_mut().find(of) else { return };
            for side in pair.sides_mut().filter(|side| side.id == id) {
                side.view = Some(View::of_bytes(&view, &info.mime));
                (side.width, side.height) = (info.width, info.height);
                side.notes = info.notes.clone();
                side.origin = Origin::File(file.clone());
            }
            whole = pair.whole().is_some().then_some(pair.id);
        });
        if let Some(pair) = whole {
            self.compare(state, pair);
        }
    }
}
