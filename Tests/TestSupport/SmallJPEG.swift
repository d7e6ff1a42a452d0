import Foundation

/// JPEG files small enough to be damaged at every byte.
///
/// Six squares of 8 x 8 pixels, three in a row: red, green, blue; blue, cream, red. Made of the same
/// PPM by cjpeg (libjpeg-turbo 2.1.5): `-quality 95` with `-sample 1x1 -optimize`, `-grayscale
/// -optimize`, `-sample 2x2 -progressive`; the one in CMYK by `tjCompress2`, quality 95.
package enum SmallJPEG {
  package static let width = 24
  package static let height = 16

  /// The picture before it was compressed.
  package static let original: PixelImage = {
    let colors: [[UInt8]] = [[200, 40, 30], [20, 160, 60], [30, 60, 220], [240, 230, 210]]
    let squares = [[0, 1, 2], [2, 3, 0]]
    let bytes = (0..<height).flatMap { y in (0..<width).flatMap { colors[squares[y / 8][$0 / 8]] } }
    return PixelImage(width: width, height: height, channels: 3, bytes: bytes)
  }()

  /// Baseline, three components, no subsampling.
  package static let baseline = decoded(
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYG
    CAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK
    CgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAQABgDAREAAhEBAxEB/8QAFwAAAwEAAAAAAAAAAAAAAAAAAAgKB//EABQQ
    AQAAAAAAAAAAAAAAAAAAAAD/xAAZAQADAAMAAAAAAAAAAAAAAAAACAkFBwr/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oA
    DAMBAAIRAxEAPwBWy/qiNQZhzhlnW8MQAFRCPZjE37V6lD//2Q==
    """)

  /// One component.
  package static let grayscale = decoded(
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYG
    CAsICQoKCgoKBggLDAsKDAkKCgr/wAALCAAQABgBAREA/8QAFwAAAwEAAAAAAAAAAAAAAAAAAAgKB//EABQQAQAAAAAA
    AAAAAAAAAAAAAAD/2gAIAQEAAD8AVtqBZwqITfv/2Q==
    """)

  /// Progressive, chroma halved both ways.
  package static let progressive = decoded(
    """
    /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYG
    CAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK
    CgoKCgoKCgoKCgoKCgoKCgoKCgr/wgARCAAQABgDASIAAhEBAxEB/8QAFwAAAwEAAAAAAAAAAAAAAAAAAAYHCf/EABYB
    AQEBAAAAAAAAAAAAAAAAAAYBA//aAAwDAQACEAMQAAABlrRM9RN5l2Mgubf/xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oA
    CAEBAAEFAl//xAAhEQABAwEJAAAAAAAAAAAAAAASABETFwUGIkFhZHKj4//aAAgBAwEBPwG+NpVJgwwQFmZGPBmDV3VH
    N91+i//EACIRAAAFAQkAAAAAAAAAAAAAAAAGERITARYXJEJRYmSj4//aAAgBAgEBPwE0kSysOIkkdkajU3V1F9XA7fMf
    /8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQAGPwJf/8QAFBABAAAAAAAAAAAAAAAAAAAAIP/aAAgBAQABPyFf/9oA
    DAMBAAIAAwAAABAID//EABkRAAEFAAAAAAAAAAAAAAAAAAARIVHw8f/aAAgBAwEBPxCh6owAjhf/xAAaEQEAAQUAAAAA
    AAAAAAAAAAARACFBYXHw/9oACAECAQE/EOag53ULtIH/xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAE/EF//2Q==
    """)

  /// Four components, the inks inverted as Adobe's programs store them: none is black.
  package static let cmyk = decoded(
    """
    /9j/7gAOQWRvYmUAZAAAAAAC/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggL
    CAkKCgoKCgYICwwLCgwJCgoK/9sAQwECAgICAgIFAwMFCgcGBwoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK
    CgoKCgoKCgoKCgoKCgoKCgoK/8AAFAgAEAAYBAERAAIRAQMRAQQRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYH
    CAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBka
    JSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeo
    qaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/EAB8BAAMBAQEBAQEBAQEAAAAA
    AAABAgMEBQYHCAkKC//EALURAAIBAgQEAwQHBQQEAAECdwABAgMRBAUhMQYSQVEHYXETIjKBCBRCkaGxwQkjM1LwFWJy
    0QoWJDThJfEXGBkaJicoKSo1Njc4OTpDREVGR0hJSlNUVVZXWFlaY2RlZmdoaWpzdHV2d3h5eoKDhIWGh4iJipKTlJWW
    l5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uLj5OXm5+jp6vLz9PX29/j5+v/aAA4EAQACEQMR
    BAAAPwD6gr+gD/Ls/fyvL68c/wCjwK+mK/xDP53CigAr+Xev9hD+cwr+kCv1A/zXCv/Z
    """)

  private static func decoded(_ base64: String) -> [UInt8] {
    Array(Data(base64Encoded: base64, options: .ignoreUnknownCharacters) ?? Data())
  }
}
