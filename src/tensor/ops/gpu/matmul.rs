//! Matrix product in true f32.
//!
//! Burn's own product takes tensor cores wherever it finds them, and on NVIDIA that turns f32 into TF32 without a word:
//! 10 bits of mantissa instead of 23, errors of 1e-3 where the models' tests allow 1e-4.
use burn::backend::cubecl::dtype_to_storage_type;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Cube, TensorMetadata};
use burn::tensor::DType;
use cubek::matmul::definition::MatmulElems;
use cubek::matmul::launch::launch_ref;
use cubek::matmul::multi_level::Strategy;
use cubek::std::InputBinding;

/// Without tensor cores: each thread multiplies and adds a small tile in its registers. In WGSL, which knows no tensor
/// cores, it is what burn chooses too. Leading axes of 1 are repeated.
pub fn plain(left: FloatTensor<Cube>, right: FloatTensor<Cube>) -> FloatTensor<Cube> {
    let mut shape = left.shape();
    let last = shape.num_dims() - 1;
    for axis in 0..last - 1 {
        shape[axis] = shape[axis].max(right.shape()[axis]);
    }
    shape[last] = right.shape()[last];
    let product = Cube::float_empty(shape, &left.device, DType::F32.into());
    let f32 = dtype_to_storage_type(DType::F32);
    let launched = [Strategy::SimpleUnit(Default::default()), Strategy::Naive].into_iter().any(|strategy| {
        let side = |tensor: &FloatTensor<Cube>| InputBinding::new(tensor.clone().binding(), f32);
        let (client, into) = (&product.client, product.clone().binding());
        let mut elements = MatmulElems::from_single_dtype(f32);
        launch_ref(&strategy.into(), client, side(&left), side(&right), into, &mut elements).is_ok()
    });
    assert!(launched, "no f32 matmul kernel takes {:?} and {:?}", left.shape(), right.shape());
    product
}
