/// The floating-point numbers that a model is computed in; the names are those of the command line.
@nonexhaustive
public enum Precision: String, Hashable, Sendable, CaseIterable {
  /// IEEE 754 single precision, which the reference computes in.
  case float32

  /// The upper half of ``float32``, with 8 significant bits for 24: ``Accelerator/openVINO`` alone computes in
  /// it, on processors that do.
  ///
  /// Faster on some of them, and its vectors are other ones: those of ``float32`` must not be compared with
  /// them.
  case bfloat16
}
