//! Scores: attention in bands of queries, so that their scores are never all there at once; backwards they are made again.
use super::compute::Compute;
use super::own::OwnOps;
use super::scaled::Scaled;
use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::tensor::{Shape, Slice};

/// Scores that are held at a time, and kept for the way back if they are no more: 32 MB of f32.
pub const AT_ONCE: u64 = 8 << 20;

/// First queries of the bands, and how many each has. In u64: a browser's usize has 32 bits.
fn bands(n: usize, scores: u64) -> impl Iterator<Item = (usize, usize)> {
    let rows = (n as u64 * AT_ONCE / scores.max(1)).clamp(1, n.max(1) as u64) as usize;
    (0..n).step_by(rows).map(move |first| (first, rows.min(n - first)))
}

/// Numbers of all scores.
fn count<B: OwnOps>(query: &FloatTensor<B>, key: &FloatTensor<B>) -> u64 {
    let (query, key) = (query.shape(), key.shape());
    [query[0], query[1], query[2], key[2]].iter().map(|&side| side as u64).product()
}

fn band<B: OwnOps>(x: &FloatTensor<B>, first: usize, rows: usize) -> FloatTensor<B> {
    let shape = x.shape();
    let whole = |axis: usize| Slice::from(0..shape[axis]);
    B::float_slice(x.clone(), &[whole(0), whole(1), Slice::from(first..first + rows), whole(3)])
}

fn probabilities<B: OwnOps>(query: FloatTensor<B>, key: FloatTensor<B>) -> FloatTensor<B> {
    // scores go into exp: what 16 bits leave of a large one is too little
    B::own_softmax(Compute::F32.over(|| B::own_matmul(query, B::float_transpose(key))))
}

/// Bands that come one after another, in one tensor from the first on: small tensors that wait to be put together would each hold
/// a large buffer of a browser's allocator, which gives any free one that is large enough.
struct Whole<B: OwnOps> {
    shape: Shape,
    all: Option<FloatTensor<B>>,
}

impl<B: OwnOps> Whole<B> {
    fn like(x: &FloatTensor<B>) -> Self {
        Self { shape: x.shape(), all: None }
    }

    fn put(&mut self, first: usize, part: FloatTensor<B>) {
        let rows = part.shape()[2];
        let all = match self.all.take() {
            None if rows == self.shape[2] => return self.all = Some(part),
            None => B::float_empty(self.shape.clone(), &part.device(), part.dtype().into()),
            Some(all) => all,
        };
        let whole = |axis: usize| Slice::from(0..self.shape[axis]);
        let place = [whole(0), whole(1), Slice::from(first..first + rows), whole(3)];
        self.all = Some(B::float_slice_assign(all, &place, part));
    }
}

/// See [`OwnOps::own_attention`].
pub fn attention<B: OwnOps>(query: FloatTensor<B>, key: FloatTensor<B>, value: FloatTensor<B>) -> FloatTensor<B> {
    let mut whole = Whole::<B>::like(&query);
    for (first, rows) in bands(query.shape()[2], count::<B>(&query, &key)) {
        let scores = probabilities::<B>(band::<B>(&query, first, rows), key.clone());
        whole.put(first, B::own_matmul(scores, value.clone()));
    }
    whole.all.unwrap_or(query)
}

/// [`attention`], and its probabilities where they are few enough to be kept.
pub fn attention_keeping<B: OwnOps>(
    query: FloatTensor<B>,
    key: FloatTensor<B>,
    value: FloatTensor<B>,
) -> (FloatTensor<B>, Option<FloatTensor<B>>) {
    if count::<B>(&query, &key) > AT_ONCE {
        return (attention::<B>(query, key, value), None);
    }
    let scores = probabilities::<B>(query, key);
    (B::own_matmul(scores.clone(), value), Some(scores))
}

/// ∂/∂query, ∂/∂key and ∂/∂value of [`attention`], times `gradient`: with P = softmax(Q·Kᵀ), dV = Pᵀ·g,
/// dS = P∘(g·Vᵀ − Σ P∘(g·Vᵀ)), dQ = dS·K, dK = dSᵀ·Q. Only what is wanted.
pub fn attention_backward<B: OwnOps>(
    [query, key, value]: [FloatTensor<B>; 3],
    kept: Option<FloatTensor<B>>,
    gradient: FloatTensor<B>,
    compute: Compute,
    [wants_query, wants_key, wants_value]: [bool; 3],
) -> [Option<FloatTensor<B>>; 3] {
    let (mut of_query, mut of_key, mut of_value) = (Whole::<B>::like(&query), None, None);
    let add = |sum: Option<FloatTensor<B>>, part| match sum {
        Some(sum) => Some(B::float_add(sum, part)),
        None => Some(part),
    };
    let n = query.shape()[2];
    let all: Vec<_> = if kept.is_some() { vec![(0, n)] } else { bands(n, count::<B>(&query, &key)).collect() };
    for (first, rows) in all {
        let query = band::<B>(&query, first, rows);
        let gradient = Scaled::<B>::new(band::<B>(&gradient, first, rows), compute);
        let scores = kept.clone().unwrap_or_else(|| probabilities::<B>(query.clone(), key.clone()));
        if wants_value {
            let by = B::float_transpose(scores.clone());
            of_value = add(of_value, gradient.product(|gradient| B::own_matmul(by, gradient)));
        }
        if !wants_query && !wants_key {
            continue;
        }
        let along = gradient.product(|gradient| B::own_matmul(gradient, B::float_transpose(value.clone())));
        let slopes = Scaled::<B>::new(B::own_softmax_backward(scores, along), compute);
        if wants_key {
            of_key = add(of_key, slopes.product(|slopes| B::own_matmul(B::float_transpose(slopes), query)));
        }
        if wants_query {
            of_query.put(first, slopes.product(|slopes| B::own_matmul(slopes, key.clone())));
        }
    }
    [of_query.all, of_key, of_value]
}

#[cfg(test)]
mod tests {
    use super::{AT_ONCE, bands};

    #[test]
    fn bands_hold_no_more_scores_than_are_held_at_a_time() {
        for (n, keys) in [(4096u64, 8 * 4096), (1024, 8 * 1024), (16384, 24 * 16384), (7, 3), (1, 1 << 40)] {
            let all: Vec<_> = bands(n as usize, n * keys).collect();
            assert_eq!(all.iter().map(|(_, rows)| rows).sum::<usize>() as u64, n);
            let most = all.iter().map(|(_, rows)| *rows as u64).max().unwrap_or_default();
            assert!(most == 1 || most * keys <= AT_ONCE, "{most} queries of {keys} keys");
            assert!(most == n || (most + 1) * keys > AT_ONCE, "more than {most} queries would do");
        }
    }
}
