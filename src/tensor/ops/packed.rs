//! Packed: matrices that stay on the device in few bits, and are unpacked a part at a time where they are used, forwards and
//! again backwards: the tape keeps the packed words.
//!
//! The words are a container's bytes as they are ([`crate::models::packed::scheme`]): all integers, then all scales; or halves.
use super::own::{ConvShape, OwnOps, PackedShape};
use burn::backend::Dispatch;
use burn::module::Module;
use burn::tensor::{DType, Device, Int, Tensor, TensorData};

/// Numbers that are unpacked at a time: 64 MB of f32.
pub const AT_ONCE: usize = 16 << 20;

/// A matrix in few bits.
#[derive(Module, Debug)]
pub struct Packed {
    /// Rows in order, a piece of them in each.
    pieces: Vec<Piece>,
    row: usize,
    bits: usize,
}

#[derive(Module, Debug)]
struct Piece {
    words: Tensor<1, Int>,
    rows: usize,
}

impl Packed {
    /// A matrix of rows of `row` numbers, without any yet; 16 bits are halves, fewer have a scale for each block of a row.
    pub fn new(row: usize, bits: usize) -> Self {
        Self { pieces: Vec::new(), row, bits }
    }

    /// Adds `rows` rows, packed by themselves.
    pub fn push(&mut self, mut bytes: Vec<u8>, rows: usize, device: &Device) {
        let (n, scales) = (rows * self.row, if self.bits < 16 { rows * self.row / 32 * 2 } else { 0 });
        assert_eq!(
            bytes.len(),
            n * self.bits / 8 + scales,
            "packed: {rows} rows of {} in {} bits",
            self.row,
            self.bits
        );
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        let n = bytes.len() / 4;
        let data = TensorData::from_bytes_vec(bytes, [n], DType::I32);
        let words = device.memory_persistent_allocations(data, |data| {
            // a fresh allocation on a GPU must outlive the pools of activations
            Tensor::<1, Int>::from_data(data, (device, DType::I32))
        });
        self.pieces.push(Piece { words, rows });
    }

    /// All rows.
    pub fn rows(&self) -> usize {
        self.pieces.iter().map(|piece| piece.rows).sum()
    }

    /// Bytes on the device.
    pub fn bytes(&self) -> u64 {
        4 * self.pieces.iter().map(|piece| piece.words.dims()[0] as u64).sum::<u64>()
    }

    /// Numbers in a row.
    pub fn row(&self) -> usize {
        self.row
    }

    /// Parts of rows that are unpacked together: the words, and which numbers of them.
    fn parts(&self) -> impl Iterator<Item = (&Tensor<1, Int>, PackedShape)> {
        let most = (AT_ONCE / self.row.max(1)).max(1);
        self.pieces.iter().flat_map(move |piece| {
            let n = piece.rows * self.row;
            (0..piece.rows).step_by(most).map(move |first| {
                let rows = most.min(piece.rows - first);
                (&piece.words, PackedShape { bits: self.bits, n, first: first * self.row, rows, row: self.row })
            })
        })
    }

    /// All numbers as f32, `[rows · row]`.
    pub fn unpack(&self) -> Tensor<1> {
        let parts = self.parts().map(|(words, shape)| {
            let numbers = Tensor::<2>::from_dispatch(Dispatch::own_unpack(words.clone().into_dispatch(), shape));
            numbers.reshape([shape.rows * shape.row])
        });
        together(parts.collect(), 0)
    }

    /// Whether [`Self::rows_of`] can take rows out: of halves, two to a word.
    pub fn has_rows(&self) -> bool {
        self.bits == 16 && self.row.is_multiple_of(2)
    }

    /// Some rows as f32; nothing else is unpacked.
    ///
    /// # Shapes
    /// ids `[n]` → `[n, row]`
    pub fn rows_of(&self, ids: Tensor<1, Int>) -> Tensor<2> {
        assert!(self.has_rows(), "packed: rows of {} in {} bits are not taken out", self.row, self.bits);
        let ([n], words) = (ids.dims(), self.row / 2);
        let (mut found, mut first) = (None::<Tensor<2, Int>>, 0);
        for piece in &self.pieces {
            let last = (piece.rows - 1) as i64;
            let within = ids.clone().sub_scalar(first);
            let rows = piece.words.clone().narrow(0, 0, piece.rows * words).reshape([piece.rows, words]);
            let rows = rows.select(0, within.clone().clamp(0, last));
            found = Some(match found {
                None => rows,
                Some(before) => {
                    before.mask_where(within.greater_equal_elem(0).unsqueeze_dim::<2>(1).expand([n, words]), rows)
                }
            });
            first += last + 1;
        }
        let words = found.expect("a table has rows").reshape([n * words]);
        let shape = PackedShape { bits: 16, n: n * self.row, first: 0, rows: n, row: self.row };
        Tensor::from_dispatch(Dispatch::own_unpack(words.into_dispatch(), shape))
    }

    /// x·Wᵀ.
    ///
    /// # Shapes
    /// x `[n, row]` → `[n, rows]`
    fn product(&self, x: Tensor<2>) -> Tensor<2> {
        let parts = self.parts().map(|(words, shape)| {
            let (x, words) = (x.clone().into_dispatch(), words.clone().into_dispatch());
            Tensor::from_dispatch(Dispatch::own_packed_matmul(x, words, shape))
        });
        together(parts.collect(), 1)
    }
}

fn together<const D: usize>(mut parts: Vec<Tensor<D>>, axis: usize) -> Tensor<D> {
    if parts.len() == 1 { parts.remove(0) } else { Tensor::cat(parts, axis) }
}

/// [`super::linear`] with a packed matrix, `[d_out, d_in]`.
///
/// # Shapes
/// x `[.., d_in]`, bias `[d_out]` → `[.., d_out]`
pub fn packed_linear<const D: usize>(x: Tensor<D>, weight: &Packed, bias: Option<Tensor<1>>) -> Tensor<D> {
    let mut dims = x.dims();
    let rows: usize = dims[..D - 1].iter().product();
    assert_eq!(dims[D - 1], weight.row, "packed linear: expected rows of {}, got {dims:?}", weight.row);
    let y = weight.product(x.reshape([rows, weight.row]));
    let y = match bias {
        Some(bias) => Tensor::from_dispatch(Dispatch::own_bias(y.into_dispatch(), bias.into_dispatch())),
        None => y,
    };
    dims[D - 1] = weight.rows();
    y.reshape(dims)
}

/// [`super::conv2d`] with packed kernels, `[c_out, c_in · k · k]`.
///
/// # Shapes
/// x `[b, c_in, h, w]`, bias `[c_out]` → `[b, c_out, h', w']`
pub fn packed_conv2d(
    x: Tensor<4>,
    weight: &Packed,
    bias: Tensor<1>,
    k: usize,
    stride: usize,
    padding: usize,
) -> Tensor<4> {
    let [b, c_in, h, w] = x.dims();
    assert_eq!(c_in * k * k, weight.row, "packed conv2d: {c_in} channels and kernels of {k}×{k}");
    let mut channel = 0;
    let parts = weight.parts().map(|(words, packed)| {
        let shape = ConvShape { b, c_in, h, w, c_out: packed.rows, k, stride, padding };
        let bias = bias.clone().narrow(0, channel, packed.rows);
        channel += packed.rows;
        let (x, words, bias) = (x.clone().into_dispatch(), words.clone().into_dispatch(), bias.into_dispatch());
        Tensor::from_dispatch(Dispatch::own_packed_conv2d(x, words, bias, packed, shape))
    });
    together(parts.collect(), 1)
}
