//! Readback: the one way from device to host, a named async event.
use crate::{Error, Result};
use burn::tensor::{Tensor, Transaction};

/// Reads a tensor as f32.
pub async fn read<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>> {
    let data = tensor
        .into_data_async()
        .await
        .map_err(|error| Error::Computation(format!("the device lost a result: {error:?}")))?;
    data.convert::<f32>()
        .try_into_vec::<f32>()
        .map_err(|error| Error::Computation(format!("the device gave numbers of another type: {error:?}")))
}

/// Reads many tensors in one round trip.
pub async fn read_all<const D: usize>(tensors: Vec<Tensor<D>>) -> Result<Vec<Vec<f32>>> {
    let mut transaction = Transaction::default();
    for tensor in tensors {
        transaction = transaction.register(tensor);
    }
    let read = transaction
        .execute_async()
        .await
        .map_err(|error| Error::Computation(format!("the device lost a result: {error:?}")))?;
    read.into_iter()
        .map(|data| {
            data.convert::<f32>()
                .try_into_vec::<f32>()
                .map_err(|error| Error::Computation(format!("the device gave numbers of another type: {error:?}")))
        })
        .collect()
}
