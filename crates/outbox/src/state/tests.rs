//! Cases of the function that moves a message.
