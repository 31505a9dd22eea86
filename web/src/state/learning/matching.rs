//! Matching: which file is whose other side, by name where names say so, else by order.

/// A file that wants a partner.
pub struct Single {
    /// Its name.
    pub name: String,
    /// Whether it already stands on the page, waiting; such files are not matched with one another by order.
    pub waits: bool,
}

/// Two sides, as indices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// The picture before the edit.
    pub before: Option<usize>,
    /// The picture after it.
    pub after: Option<usize>,
}

impl Match {
    fn first(&self) -> usize {
        self.before.into_iter().chain(self.after).min().unwrap_or(usize::MAX)
    }
}

/// How a name says which side it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    /// `before` or `after` in it.
    Word,
    /// `_0` or `_1` at its end.
    Digit,
}

struct Role {
    scheme: Scheme,
    is_after: bool,
    // What both sides' names have in common.
    key: String,
}

fn role(name: &str) -> Option<Role> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_lowercase();
    for (word, is_after) in [("before", false), ("after", true)] {
        if let Some((left, right)) = stem.split_once(word) {
            let separate = |c: char| !c.is_alphanumeric();
            let rest = format!("{left} {right}");
            let key = rest.split(separate).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
            return Some(Role { scheme: Scheme::Word, is_after, key });
        }
    }
    for (ending, is_after) in [("0", false), ("1", true)] {
        if let Some(key) = stem.strip_suffix(ending).filter(|rest| rest.ends_with(['_', '-'])) {
            return Some(Role { scheme: Scheme::Digit, is_after, key: key.to_owned() });
        }
    }
    None
}

/// Matches files; what finds no partner comes back alone, on the side that its name says, else before.
pub fn matched(singles: &[Single]) -> Vec<Match> {
    let roles: Vec<Option<Role>> = singles.iter().map(|single| role(&single.name)).collect();
    let mut used = vec![false; singles.len()];
    let mut matches = Vec::new();
    let mut join = |used: &mut Vec<bool>, before: usize, after: usize| {
        (used[before], used[after]) = (true, true);
        matches.push(Match { before: Some(before), after: Some(after) });
    };
    let is_after = |idx: usize| roles[idx].as_ref().is_some_and(|role| role.is_after);
    // By name.
    let mut schemes = Vec::new();
    for (before, role) in roles.iter().enumerate().filter_map(|(idx, role)| Some((idx, role.as_ref()?))) {
        let is_partner = |other: &Role| other.is_after && other.scheme == role.scheme && other.key == role.key;
        let after = (0..singles.len()).find(|&idx| !used[idx] && roles[idx].as_ref().is_some_and(is_partner));
        if let Some(after) = after.filter(|_| !role.is_after) {
            join(&mut used, before, after);
            schemes.push(role.scheme);
        }
    }
    // A file that waits takes the next one.
    for waiting in (0..singles.len()).filter(|&idx| singles[idx].waits) {
        let next = (0..singles.len()).find(|&idx| !used[idx] && !singles[idx].waits);
        if let Some(next) = next.filter(|_| !used[waiting]) {
            if is_after(waiting) {
                join(&mut used, next, waiting);
            } else {
                join(&mut used, waiting, next);
            }
        }
    }
    // All that are called before, with all that are called after, where the rest of the names says nothing.
    let left = |used: &[bool]| (0..singles.len()).filter(|&idx| !used[idx] && !singles[idx].waits).collect::<Vec<_>>();
    let worded = |idx: &usize| roles[*idx].as_ref().is_some_and(|role| role.scheme == Scheme::Word);
    let (afters, befores): (Vec<_>, Vec<_>) = left(&used).into_iter().filter(worded).partition(|&idx| is_after(idx));
    if afters.len() == befores.len() && !schemes.contains(&Scheme::Word) {
        befores.into_iter().zip(afters).for_each(|(before, after)| join(&mut used, before, after));
    }
    // By order, but for names of a scheme that others were matched by: their partner is missing.
    let speaks = |idx: &usize| match &roles[*idx] {
        Some(role) => role.scheme == Scheme::Word || schemes.contains(&role.scheme),
        None => false,
    };
    let silent: Vec<_> = left(&used).into_iter().filter(|idx| !speaks(idx)).collect();
    silent.chunks_exact(2).for_each(|two| join(&mut used, two[0], two[1]));
    // One that says its side, and one that says nothing.
    if let ([one], [other]) = (silent.as_slice(), &left(&used).into_iter().filter(speaks).collect::<Vec<_>>()[..])
        && schemes.is_empty()
    {
        if is_after(*other) { join(&mut used, *one, *other) } else { join(&mut used, *other, *one) }
    }
    let alone = (0..singles.len()).filter(|&idx| !used[idx]).map(|idx| {
        let side = Some(idx);
        if is_after(idx) && speaks(&idx) {
            Match { before: None, after: side }
        } else {
            Match { before: side, after: None }
        }
    });
    let mut all: Vec<_> = alone.collect();
    all.append(&mut matches);
    all.sort_by_key(Match::first);
    all
}

#[cfg(test)]
mod tests {
    use super::{Single, matched};

    /// Files by name, one after another; those that wait begin with a star. A pair is `before>after`.
    #[track_caller]
    fn check(names: &[&str], expected: &[&str]) {
        let singles: Vec<Single> = names
            .iter()
            .map(|name| Single { name: name.trim_start_matches('*').to_owned(), waits: name.starts_with('*') })
            .collect();
        let name = |idx: Option<usize>| idx.map(|idx| singles[idx].name.as_str()).unwrap_or_default();
        let found: Vec<String> =
            matched(&singles).iter().map(|pair| format!("{}>{}", name(pair.before), name(pair.after))).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_say_who_belongs_together() {
        check(&["b_1.png", "a_0.png", "b_0.png", "a_1.png"], &["b_0.png>b_1.png", "a_0.png>a_1.png"]);
        check(&["after-cat.jpg", "before-cat.png"], &["before-cat.png>after-cat.jpg"]);
        check(&["Before.png", "AFTER.png"], &["Before.png>AFTER.png"]);
    }

    #[test]
    fn without_names_the_order_decides() {
        check(&["x.png", "y.png", "z.png"], &["x.png>y.png", "z.png>"]);
        check(&["x.png"], &["x.png>"]);
        check(&[], &[]);
    }

    #[test]
    fn a_partner_that_is_missing_is_waited_for() {
        check(&["a_0.png", "a_1.png", "b_1.png"], &["a_0.png>a_1.png", ">b_1.png"]);
        check(&["*x.png", "y.png"], &["x.png>y.png"]);
        check(&["*after.png", "y.png"], &["y.png>after.png"]);
        check(&["*x.png", "*y.png"], &["x.png>", "y.png>"]);
    }
}
