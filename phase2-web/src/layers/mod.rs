//! What surrounds the routes, from the outside in: see `surround`.

mod request_id;

pub(crate) use request_id::RequestId;
