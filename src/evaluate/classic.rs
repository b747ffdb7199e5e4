//! The published detectors, written anew from their descriptions, as baselines.
