import CEmbedderHeif
import EmbedderFrameBuffers
import EmbedderStorage

/// HEIC: HEIF pictures coded with HEVC, by libheif and libde265.
enum HEICDecoder: ImageDecoder {
  static let fileExtensions = ["heic", "heif", "hif"]
  static let summary = "HEIF pictures coded with HEVC, as phones write them."

  static func recognizes(_ start: RawSpan) -> Bool {
    HEIFBrands.format(of: start) == .heic
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    try HEIFDecoder(.heic, options: options).decode(bytes)
  }
}

/// AVIF: HEIF pictures coded with AV1, by libheif and dav1d or libaom.
enum AVIFDecoder: ImageDecoder {
  static let fileExtensions = ["avif"]
  static let summary = "HEIF pictures coded with AV1."

  static func recognizes(_ start: RawSpan) -> Bool {
    HEIFBrands.format(of: start) == .avif
  }

  static func decode(
    _ bytes: RawSpan, options: DecodingOptions
  ) throws(DecodingError) -> DecodedImage {
    try HEIFDecoder(.avif, options: options).decode(bytes)
  }
}

/// What HEIC and AVIF have in common.
///
/// The format's own transforms (rotation, mirror, crop) take the place of an EXIF orientation, which
/// its standard says to ignore. They are done while decoding, so frames are always upright; where the
/// orientation is not to count, they are left out.
@safe
private struct HEIFDecoder {
  private let format: ImageFormat
  private let options: DecodingOptions
  private let functions: HeifFunctions

  init(_ format: ImageFormat, options: DecodingOptions) throws(DecodingError) {
    self.format = format
    self.options = options
    switch HEIFLibrary.shared {
    case .success(let library): functions = library.functions
    case .failure(let missing):
      throw .missingLibrary(format, package: HEIFLibrary.package, reason: missing.reason)
    }
  }

  func decode(_ bytes: RawSpan) throws(DecodingError) -> DecodedImage {
    let isCut = Self.endsEarly(bytes)
    guard !isCut || options.allowsTruncated else {
      throw .truncated(format, details: "its last box is not complete")
    }
    do throws(DecodingError) {
      let changes = try HEIFChanges(
        HEIFStructure(bytes, format), in: bytes, honorsOrientation: options.honorsOrientation)
      let structure = changes.structure
      try structure.checkReferences()
      try structure.checkCodedSizes(options.limits, in: bytes)
      let picture = try HEIFPicture(structure, changes.transforms, in: bytes)
      guard !changes.isEmpty else { return try decodeBoxes(bytes, picture) }
      let copy = try changes.copy(of: bytes)
      return try decodeBoxes(copy.bytes, picture)
    } catch .damaged(_, let details) where isCut {
      throw .truncated(format, details: details)
    }
  }

  /// Whether the bytes end before the last box does.
  private static func endsEarly(_ bytes: RawSpan) -> Bool {
    var offset = 0
    while var size = bytes.integer(at: offset, byteCount: 4, .bigEndian) {
      if size == 1, let large = bytes.integer(at: offset + 8, byteCount: 8, .bigEndian) {
        size = large
      }
      // A size of 0 means the rest of the file; others that small are for the library to refuse.
      guard size >= 8 else { return false }
      guard size <= bytes.byteCount - offset else { return true }
      offset += size
    }
    return false
  }

  private func decodeBoxes(
    _ bytes: RawSpan, _ picture: HEIFPicture
  ) throws(DecodingError) -> DecodedImage {
    guard let context = functions.context_alloc() else {
      throw .outOfMemory(OutOfMemory(byteCount: 0))
    }
    defer { unsafe functions.context_free(context) }
    unsafe functions.context_set_maximum_image_size_limit(
      context, CInt(FrameBufferError.longestSide))
    // Tiles are decoded on this thread: callers have threads of their own, one for each image, and a
    // thread that the system refuses would end the process.
    unsafe functions.context_set_max_decoding_threads(context, 0)
    // The library reads the bytes where they are, so they stay borrowed throughout.
    return try unsafe bytes.withUnsafeBytes { source throws(DecodingError) in
      try unsafe check(
        withUnsafePointer(to: functions) { functions in
          unsafe cheif_read(functions, context, source.baseAddress, source.count)
        })
      return try unsafe decodePrimaryImage(context, picture)
    }
  }

  private func decodePrimaryImage(
    _ context: UnsafeMutablePointer<heif_context>, _ picture: HEIFPicture
  ) throws(DecodingError) -> DecodedImage {
    var handle: UnsafeMutablePointer<heif_image_handle>?
    try unsafe check(
      withUnsafePointer(to: functions) { functions in
        unsafe cheif_primary_image(functions, context, &handle)
      })
    guard let handle = unsafe handle else {
      throw .damaged(format, details: "it has no main picture")
    }
    defer { unsafe functions.image_handle_release(handle) }

    // Before and after the transforms; a crop may hide how large the picture is that is decoded.
    let codedWidth = unsafe Int(functions.image_handle_get_ispe_width(handle))
    let codedHeight = unsafe Int(functions.image_handle_get_ispe_height(handle))
    try options.limits.check(width: codedWidth, height: codedHeight)
    try options.limits.check(
      width: unsafe Int(functions.image_handle_get_width(handle)),
      height: unsafe Int(functions.image_handle_get_height(handle)))
    // A grid says a second time how large it is, and memory is taken for what it says there.
    unsafe functions.context_set_maximum_image_size_limit(
      context, CInt(max(codedWidth, codedHeight) + 1))
    let hasAlpha = unsafe functions.image_handle_has_alpha_channel(handle) != 0
    let isPremultiplied = unsafe functions.image_handle_is_premultiplied_alpha(handle) != 0
    let image = try unsafe decode(handle, hasAlpha: hasAlpha, picture)
    defer { unsafe functions.image_release(image) }

    let planes = try unsafe HEIFPlanes(
      image, functions, format, hasAlpha: hasAlpha, isGray: picture.isGray)
    var shown = (
      region: RegionOfInterest(x: 0, y: 0, width: planes.width, height: planes.height),
      orientation: Orientation.topLeft
    )
    if options.honorsOrientation, let transforms = picture.transforms {
      guard let result = transforms.applied(width: planes.width, height: planes.height) else {
        throw .damaged(format, details: "its crop leaves nothing of it")
      }
      shown = result
    }
    let (width, height) = (shown.region.width, shown.region.height)
    let pixelFormat: PixelFormat = hasAlpha ? .rgba : .rgb
    var pixels = try options.limits.allocate(width: width, height: height, format: pixelFormat)
    let isLimited = unsafe picture.isGray && !isFullRange(handle, image, picture)
    planes.copy(shown.region, to: &pixels, pixelFormat, isLimitedRange: isLimited)
    if hasAlpha && isPremultiplied { pixels.unpremultiply() }
    return try DecodedImage(
      pixels, width: width, height: height, pixelFormat: pixelFormat,
      orientation: shown.orientation, format: format, warnings: unsafe warnings(of: image),
      isGray: picture.isGray)
  }

  /// Whether gray goes from 0 to the largest value, and not from 16 to 235 of 255.
  ///
  /// What the file says counts, then what the coded picture says.
  private func isFullRange(
    _ handle: UnsafeMutablePointer<heif_image_handle>, _ image: UnsafeMutablePointer<heif_image>,
    _ picture: HEIFPicture
  ) -> Bool {
    var profile: UnsafeMutablePointer<heif_color_profile_nclx>?
    if unsafe functions.image_handle_get_nclx_color_profile(handle, &profile).code
      != CInt(kHeifOk)
    {
      _ = unsafe functions.image_get_nclx_color_profile(image, &profile)
    }
    guard let profile = unsafe profile else { return picture.isFullRange }
    defer { unsafe functions.nclx_color_profile_free(profile) }
    return unsafe profile.pointee.full_range_flag != 0
  }

  /// Decodes to packed RGB or RGBA, and gray as it is stored; the caller releases the result.
  private func decode(
    _ handle: UnsafeMutablePointer<heif_image_handle>, hasAlpha: Bool, _ picture: HEIFPicture
  ) throws(DecodingError) -> UnsafeMutablePointer<heif_image> {
    guard let settings = functions.decoding_options_alloc() else {
      throw .outOfMemory(OutOfMemory(byteCount: 0))
    }
    defer { unsafe functions.decoding_options_free(settings) }
    unsafe settings.pointee.ignore_transformations = options.honorsOrientation ? 0 : 1
    if unsafe settings.pointee.version >= 2 { unsafe settings.pointee.convert_hdr_to_8bit = 1 }
    if unsafe settings.pointee.version >= 3 {
      unsafe settings.pointee.strict_decoding = options.allowsTruncated ? 0 : 1
    }
    // Of the two AV1 decoders dav1d is the default; it writes to the standard error where data is
    // damaged, and starts a thread for each core. Converting colours takes longer than either.
    if unsafe settings.pointee.version >= 4 {
      unsafe settings.pointee.decoder_id = cheif_quiet_av1_decoder()
    }
    let colorspace = CInt(picture.isGray ? kHeifUndefined : kHeifColorspaceRGB)
    let packed = hasAlpha ? kHeifChromaInterleavedRGBA : kHeifChromaInterleavedRGB
    let chroma = CInt(picture.isGray ? kHeifUndefined : packed)
    var image: UnsafeMutablePointer<heif_image>?
    if picture.hasFilmGrain {
      try Self.filmGrain.withLock { count throws(DecodingError) in
        count += 1
        try unsafe decode(handle, &image, colorspace, chroma, settings)
      }
    } else {
      try unsafe decode(handle, &image, colorspace, chroma, settings)
    }
    guard let image = unsafe image else {
      throw .damaged(format, details: "it was decoded to no picture")
    }
    return unsafe image
  }

  private func decode(
    _ handle: UnsafeMutablePointer<heif_image_handle>,
    _ image: inout UnsafeMutablePointer<heif_image>?, _ colorspace: CInt, _ chroma: CInt,
    _ settings: UnsafeMutablePointer<heif_decoding_options>
  ) throws(DecodingError) {
    try unsafe check(
      withUnsafePointer(to: functions) { functions in
        unsafe cheif_decode(functions, handle, &image, colorspace, chroma, settings)
      })
  }

  /// The number of pictures with film grain, which are decoded one at a time.
  ///
  /// Libaom keeps the grain's state in variables that all threads share: at the same time two pictures
  /// would get each other's grain, or memory of the wrong size.
  private static let filmGrain = Locked(0)

  /// What the library went on after.
  private func warnings(of image: UnsafeMutablePointer<heif_image>) -> [String] {
    let most: CInt = 4
    return unsafe withUnsafeTemporaryAllocation(of: heif_error.self, capacity: Int(most)) { list in
      let count = unsafe functions.image_get_decoding_warnings(image, 0, list.baseAddress, most)
      return (0..<max(0, min(Int(count), list.count))).map { index in
        let message = unsafe String(cString: list[index].message)
        return "\(format.rawValue): \(message)"
      }
    }
  }

  private func check(_ error: heif_error) throws(DecodingError) {
    guard unsafe Int(error.code) != kHeifOk else { return }
    let text = unsafe error.message.map { unsafe String(cString: $0) } ?? "unknown error"
    let message = String(text.prefix { !$0.isNewline })
    switch unsafe (Int(error.code), Int(error.subcode)) {
    case (_, kHeifSubEndOfData):
      throw .truncated(format, details: message)
    case (_, kHeifSubSecurityLimitExceeded), (kHeifUnsupportedFileType, _),
      (kHeifUnsupportedFeature, _):
      throw .unsupported(format, details: message)
    case (kHeifMemoryAllocationError, _):
      throw .outOfMemory(OutOfMemory(byteCount: 0))
    default:
      throw .damaged(format, details: message)
    }
  }
}
