/// What computes a model's outputs; the names are those of the command line.
///
/// One that is missing, or cannot run the model, is an error: no other takes its place.
@nonexhaustive
public enum Accelerator: String, Hashable, Sendable, CaseIterable {
  /// LiteRT's XNNPACK kernels on the processor, whose numbers are the reference's.
  case cpu

  /// OpenVINO on the processor; its numbers differ from those of ``cpu`` by rounding, unless a ``Precision`` is
  /// asked for that is not the default's.
  case openVINO = "openvino"

  /// LiteRT's WebGPU kernels on a graphics card; its numbers differ from those of ``cpu`` by rounding.
  case gpu
}
