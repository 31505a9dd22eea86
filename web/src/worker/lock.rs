//! Lock: only one tab of this site learns at a time, or fetches the same model: two would write over one another.
use super::wire::scope;
use js_sys::{Function, Object, Promise, Reflect};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The name of the lock; the page asks who holds it before it offers to continue a run.
pub const LEARNING: &str = "instructbrush-learn";

/// Held until dropped; the browser lets go of it when the tab ends.
pub struct Lock(Option<Function>);

impl Lock {
    /// Takes it, or `None` when another tab holds it. Where the browser has no locks, it is always free.
    pub async fn take(name: &str) -> Option<Self> {
        let locks = Reflect::get(&scope().navigator(), &"locks".into()).ok().filter(|locks| locks.is_object());
        let request = locks.as_ref().and_then(|locks| Reflect::get(locks, &"request".into()).ok());
        let (Some(locks), Some(request)) = (locks, request.and_then(|request| request.dyn_into::<Function>().ok()))
        else {
            return Some(Self(None));
        };
        let options = Object::new();
        // A new object takes any field.
        let _ = Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE);
        let release = Rc::new(RefCell::new(None::<Function>));
        let taken = Promise::new(&mut |resolve, _| {
            let (release, taken) = (release.clone(), resolve.clone());
            let held = Closure::once_into_js(move |lock: JsValue| {
                if lock.is_null() {
                    // The answer to a promise that somebody waits for.
                    let _ = taken.call1(&JsValue::UNDEFINED, &JsValue::FALSE);
                    return JsValue::UNDEFINED;
                }
                let until = Promise::new(&mut |done, _| *release.borrow_mut() = Some(done));
                let _ = taken.call1(&JsValue::UNDEFINED, &JsValue::TRUE);
                until.into()
            });
            // A browser that refuses (an opaque origin) never calls: nothing is held then, and learning goes on.
            if request.call3(&locks, &name.into(), &options, &held).is_err() {
                let _ = resolve.call1(&JsValue::UNDEFINED, &JsValue::TRUE);
            }
        });
        let taken = JsFuture::from(taken).await.ok()?;
        taken.is_truthy().then(|| Self(release.borrow_mut().take()))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.0 {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}
