import CEmbedderTIFFShim

extension ctiff_header {
  /// Why the image's samples are not decoded, and what to do.
  var samplesAreUnsupported: String {
    let kinds = [
      0: "gray (0 is white)", 1: "gray", 2: "RGB", 3: "a palette", 4: "a mask", 5: "inks",
      6: "YCbCr",
      8: "CIELAB", 9: "ICC Lab", 10: "ITU Lab", 32803: "a camera's raw colours",
      32844: "logarithmic luminance", 32845: "logarithmic LUV",
      34892: "a camera's linear raw colours",
    ]
    let kind = kinds[Int(photometric)] ?? "the unknown kind \(photometric)"
    let numbers = [
      2: " with a sign", 3: " in floating point", 5: " as complex integers", 6: " as complex",
    ]
    let number = numbers[Int(sample_format)] ?? ""
    let samples = samples_per_pixel == 1 ? "a sample" : "\(samples_per_pixel) samples"
    return "its pixels are \(samples) of \(bits_per_sample) bits\(number) in \(kind), which is not"
      + " converted to RGB; save it as RGB with 8 or 16 bits"
  }

  /// Why the image's data is not unpacked, and what to do.
  var compressionIsUnsupported: String {
    let names = [
      6: "old-style JPEG", 9: "JBIG for black and white", 10: "JBIG for colours", 34661: "JBIG",
      34676: "SGI logarithmic", 34677: "SGI logarithmic", 33003: "JPEG 2000", 33005: "JPEG 2000",
      34712: "JPEG 2000", 34887: "LERC", 34892: "lossy JPEG", 34933: "PNG", 34934: "JPEG XR",
      50002: "JPEG XL", 52546: "JPEG XL",
    ]
    let name = names[Int(compression)].map { "\($0) (\(compression))" } ?? "number \(compression)"
    return "its compression, \(name), is not decoded; save it with LZW or deflate"
  }
}
