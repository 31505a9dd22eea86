//! Phrases that tell the before pictures from the after pictures (method.md section 3).

/// How the sensitivity of a phrase is compared with the threshold η.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// s / D(p, own set).
    #[default]
    Relative,
    /// s as it is.
    Absolute,
}

/// A phrase of a caption with its sensitivity.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Sensitivity {
    /// The words.
    pub phrase: String,
    /// D(p, own set): CLIP cosine.
    pub own: f64,
    /// D(p, other set).
    pub other: f64,
    /// own − other.
    pub absolute: f64,
    /// (own − other) / own.
    pub relative: f64,
}

/// What the search found in both sets, and the initial instruction made of it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PhraseReport {
    /// Caption of the before pictures, in the order found.
    pub before: Vec<Sensitivity>,
    /// Caption of the after pictures, in the order found.
    pub after: Vec<Sensitivity>,
    /// The before pictures' unique phrase, if any passes the threshold.
    pub unique_before: Option<String>,
    /// The after pictures' unique phrase, if any passes the threshold.
    pub unique_after: Option<String>,
    /// The initial instruction; empty when there is none.
    pub instruction: String,
}
