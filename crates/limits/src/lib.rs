//! Rate limits, below the routers.
