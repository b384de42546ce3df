//! Where a request comes from, for whoever keeps what it sets off.

use todo_store::Origin;

use super::traceparent;
use crate::client::ClientAddress;

/// What tells it. Where nobody collects traces, nothing has one.
pub(crate) fn origin(traces: bool) -> fn() -> Origin {
    if traces { traced } else { untraced }
}

fn traced() -> Origin {
    Origin { trace: traceparent(), ..untraced() }
}

fn untraced() -> Origin {
    let address = ClientAddress::asking().map(|ClientAddress(address)| address.to_string());
    Origin { trace: None, address }
}
