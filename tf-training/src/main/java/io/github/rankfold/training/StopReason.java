package io.github.rankfold.training;

/** Why a training ended. */
public enum StopReason {
  /** All epochs were done. */
  EPOCHS,
  /** The stationarity residual came under its tolerance. */
  STATIONARY,
  /** The listener asked for it. */
  LISTENER
}
