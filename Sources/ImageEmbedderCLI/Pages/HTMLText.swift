import ImageEmbedding

/// Text as HTML shows it, in elements and between the quotes of attributes.
///
/// What has a meaning in HTML is escaped. Control characters, which HTML cannot hold, and those that change
/// the direction of text, by which a name can pretend to have another ending, are written out as Swift does.
func escapedHTML(_ text: String) -> String {
  var result = ""
  result.reserveCapacity(text.utf8.count)
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&#39;"
    case _ where scalar.isHiddenInText: result += scalar.escaped(asASCII: true)
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// The same of a file's name, which may be broken into lines where its words end.
func breakableHTML(_ name: String) -> String {
  // None of these is part of what escaping writes.
  escapedHTML(name).replacing("_", with: "_<wbr>").replacing("-", with: "-<wbr>")
    .replacing("/", with: "/<wbr>").replacing(".", with: "<wbr>.")
}

/// The address of a file, with everything but letters, digits and `-._~/` as percent codes (RFC 8089).
///
/// - Parameter path: An absolute path, which need not be text.
/// - Returns: An address that a page can link to.
func fileURL(_ path: PathBytes) -> String {
  let hexadecimal = Array("0123456789ABCDEF".utf8)
  var url = Array("file://".utf8)
  for byte in path.bytes {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
      url.append(byte)
    default:
      url += [UInt8(ascii: "%"), hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
    }
  }
  return String(decoding: url, as: UTF8.self)
}

extension Unicode.Scalar {
  /// Whether the character is not to be seen itself but changes what is seen, or what a terminal does.
  var isHiddenInText: Bool {
    switch value {
    case 0..<0x20, 0x7f..<0xa0, 0x200b, 0x200e, 0x200f, 0x2028...0x202e, 0x2060...0x2069, 0xfeff:
      true
    default: false
    }
  }
}
