/// The XXH64 of some bytes, which tells damage and other contents in a moment.
///
/// It is no protection against anybody: who wants another content of the same hash finds one.
///
/// - Parameters:
///   - content: The bytes.
///   - seed: What the hash begins with, such as the hash of what comes before.
/// - Returns: The hash.
package func xxHash64(of content: RawSpan, seed: UInt64 = 0) -> UInt64 {
  unsafe content.withUnsafeBytes { bytes in
    var lanes = SIMD4(seed &+ prime1 &+ prime2, seed &+ prime2, seed, seed &- prime1)
    var offset = 0
    while offset + 32 <= bytes.count {
      for lane in 0..<4 {
        lanes[lane] = mixed(lanes[lane], unsafe word(bytes, offset + 8 * lane))
      }
      offset += 32
    }
    var hash = seed &+ prime5
    if offset > 0 {
      hash =
        lanes[0].turned(1) &+ lanes[1].turned(7) &+ lanes[2].turned(12) &+ lanes[3].turned(18)
      for lane in 0..<4 { hash = (hash ^ mixed(0, lanes[lane])) &* prime1 &+ prime4 }
    }
    hash &+= UInt64(bytes.count)
    while offset + 8 <= bytes.count {
      hash = (hash ^ mixed(0, unsafe word(bytes, offset))).turned(27) &* prime1 &+ prime4
      offset += 8
    }
    if offset + 4 <= bytes.count {
      let half = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
      hash = (hash ^ UInt64(UInt32(littleEndian: half)) &* prime1).turned(23) &* prime2 &+ prime3
      offset += 4
    }
    while offset < bytes.count {
      hash = (hash ^ UInt64(unsafe bytes[offset]) &* prime5).turned(11) &* prime1
      offset += 1
    }
    hash = (hash ^ hash >> 33) &* prime2
    hash = (hash ^ hash >> 29) &* prime3
    return hash ^ hash >> 32
  }
}

private let prime1: UInt64 = 0x9e37_79b1_85eb_ca87
private let prime2: UInt64 = 0xc2b2_ae3d_27d4_eb4f
private let prime3: UInt64 = 0x1656_67b1_9e37_79f9
private let prime4: UInt64 = 0x85eb_ca77_c2b2_ae63
private let prime5: UInt64 = 0x27d4_eb2f_1656_67c5

private func mixed(_ lane: UInt64, _ word: UInt64) -> UInt64 {
  (lane &+ word &* prime2).turned(31) &* prime1
}

private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
  unsafe UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
}

extension UInt64 {
  fileprivate func turned(_ count: UInt64) -> UInt64 { self << count | self >> (64 - count) }
}
