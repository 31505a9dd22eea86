//! Words about base models: where they come from, how far they are, why they do not come.

/// The button.
pub const OPEN: &str = "Model";
/// The dialog.
pub const TITLE: &str = "Models";
/// Closes it.
pub const CLOSE: &str = "Close";
/// What it is about.
pub const ABOUT: &str = "The model that comes with this page knows drawn scenes only. For photographs, fetch a checkpoint of InstructPix2Pix, or choose its folder: it is converted on the way, kept in this browser, and sent nowhere. That is 2 to 4 GB to fetch and 1.3 GB to keep, and wants a GPU with 2 GB of free memory.";
/// Before the first bytes.
pub const ASKING: &str = "Asking the host…";
/// The model of the page.
pub const OWN: &str = "Comes with this page";
/// Works with it from now on.
pub const USE: &str = "Use";
/// Is used now.
pub const USED: &str = "In use";
/// Throws it away.
pub const DELETE: &str = "Delete";
/// Goes on fetching.
pub const CONTINUE: &str = "Continue";
/// Takes a folder of this computer.
pub const FOLDER: &str = "Choose a folder, or drop it here";
/// It has to be chosen again.
pub const AGAIN: &str = "To go on, choose its folder again.";
/// Fetches.
pub const FETCH: &str = "Fetch";
/// Stops fetching.
pub const CANCEL: &str = "Cancel";
/// Where from.
pub const ADDRESS: &str = "Repository of the Hugging Face hub (owner/name), or the address of a folder";
/// How it is kept.
pub const PRECISION: &str = "Keep weights in";
/// Kinds of weights, by their names in the protocol.
pub const PRECISIONS: [(&str, &str); 4] = [("q8", "8 bits"), ("q6", "6 bits"), ("q4", "4 bits"), ("f16", "16 bits")];
/// Why what ran was stopped.
pub const CHANGED: &str = "The model was changed: what was running there stopped.";
/// The model of the last visit is gone.
pub const NOT_THERE: &str =
    "This model is not whole in this browser any more: fetch it again under Model. The page's own model is used.";
/// The store is full.
pub const NO_ROOM: &str = "This browser has no room left for the model: delete another model or other sites' data, or choose fewer bits. What has arrived is kept.";
/// Another tab writes.
pub const OTHER_TAB: &str = "Another tab of this page is fetching this model: go on there, or close it.";
/// No private file system.
pub const NO_STORE: &str = "This browser cannot keep models (private mode, or too old): use another window or browser.";

/// The browser's own words.
pub fn storage_failed(said: &str) -> String {
    format!("This browser's storage failed ({said}): try again, or delete the model and fetch it anew.")
}

/// The host answers, but not to pages of other sites.
pub fn no_cors(url: &str) -> String {
    format!(
        "{url}: the host answers, but does not let other sites read it (CORS). Use the Hugging Face hub, or ask who runs the host to send Access-Control-Allow-Origin."
    )
}

/// Not for everybody.
pub fn refused(path: &str, status: u16) -> String {
    format!(
        "{path}: the host answered {status}: the repository is private or gated, or there is none of this name. Check the address."
    )
}

/// A file of a folder.
pub fn unreadable(path: &str) -> String {
    format!("{path}: the browser cannot read this file any more: it was moved or changed; choose the folder again.")
}

/// Nothing comes.
pub fn silent(path: &str) -> String {
    format!("{path}: nothing has arrived for half a minute. Check the connection and continue.")
}

/// A part that was away, by its folder, comes back onto the device.
pub fn reading(part: &str) -> String {
    let part = match part {
        "unet" => "UNet",
        "vae" => "VAE",
        "text_encoder" => "text encoder",
        other => other,
    };
    format!("Reading the model's {part}…")
}

/// No address.
pub fn bad_address(address: &str) -> String {
    format!(
        "\"{address}\" is no address: type owner/name of a repository on the Hugging Face hub, or https://… of a folder."
    )
}

/// A stored model: precision, size, and what it takes.
pub fn kept(precision: &str, bytes: f64, whole: bool, needs: &str) -> String {
    let bits = PRECISIONS.iter().find(|(name, _)| *name == precision).map_or(precision, |(_, words)| words);
    let part = if whole { "" } else { " so far" };
    format!("{bits} · {}{part}{needs}", size(bytes))
}

/// How far a download is, how fast, how long it will take, and what the model will.
pub fn fetching(done: f64, total: f64, per_second: f64, needs: &str) -> String {
    let rest = (total - done) / per_second;
    let left = match rest {
        rest if !rest.is_finite() || rest <= 0.0 => String::new(),
        rest if rest < 90.0 => format!(" · {rest:.0} s left"),
        rest => format!(" · {:.0} min left", rest / 60.0),
    };
    format!("{} of {} · {}/s{left}{needs}", size(done), size(total), size(per_second.max(0.0)))
}

/// What a model takes, after what else is said of it.
pub fn takes(side: usize, edit: f64, learn: f64) -> String {
    format!(" · at {side}×{side} it edits in {} of memory and learns in {}", size(edit), size(learn))
}

/// The store has less room than the model takes, before anything of it is fetched.
pub fn too_little_room(needed: f64, room: f64) -> String {
    format!(
        "This model still takes {} of this browser's storage and {} are left: delete another model or other sites' data, or choose fewer bits.",
        size(needed),
        size(room)
    )
}

/// A device takes smaller pictures only.
pub fn smaller(edits: usize, learns: Option<usize>) -> String {
    match learns {
        Some(learns) if learns == edits => format!("This device has room for this model at up to {edits} pixels."),
        Some(learns) => format!(
            "This device has room for edits with this model at up to {edits} pixels, for learning at up to {learns}."
        ),
        None => {
            format!("This device has room for edits with this model at up to {edits} pixels, and none for learning.")
        }
    }
}

fn size(bytes: f64) -> String {
    if bytes >= 1e9 { format!("{:.2} GB", bytes / 1e9) } else { format!("{:.0} MB", bytes / 1e6) }
}
