/// The SHA-256 of some bytes in hexadecimal, as the golden files give it (FIPS 180-4).
package func sha256(_ bytes: [UInt8]) -> String {
  var message = bytes + [0x80]
  while message.count % 64 != 56 { message.append(0) }
  let bitCount = UInt64(bytes.count) * 8
  message += (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * $0)) }

  var state = initialState
  var words = Array(repeating: UInt32(0), count: 64)
  for block in stride(from: 0, to: message.count, by: 64) {
    for index in 0..<16 {
      let place = block &+ 4 &* index
      words[index] =
        UInt32(message[place]) << 24 | UInt32(message[place &+ 1]) << 16
        | UInt32(message[place &+ 2]) << 8 | UInt32(message[place &+ 3])
    }
    for index in 16..<64 {
      let (x, y) = (words[index &- 15], words[index &- 2])
      let sigma0 = (x >> 7 | x << 25) ^ (x >> 18 | x << 14) ^ x >> 3
      let sigma1 = (y >> 17 | y << 15) ^ (y >> 19 | y << 13) ^ y >> 10
      words[index] = words[index &- 16] &+ sigma0 &+ words[index &- 7] &+ sigma1
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for index in 0..<64 {
      let sum1 = (e >> 6 | e << 26) ^ (e >> 11 | e << 21) ^ (e >> 25 | e << 7)
      let choice = (e & f) ^ (~e & g)
      let first = h &+ sum1 &+ choice &+ roundConstants[index] &+ words[index]
      let sum0 = (a >> 2 | a << 30) ^ (a >> 13 | a << 19) ^ (a >> 22 | a << 10)
      let second = sum0 &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
    }
    for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
  }
  return state.map { word in
    let digits = String(word, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }.joined()
}

/// The fractions of the square roots of the first 8 primes.
private let initialState = primes(8).map { fraction(Double($0).squareRoot()) }

/// The fractions of the cube roots of the first 64 primes.
private let roundConstants = primes(64).map { prime in
  // Newton's method; the doubles' 53 bits leave 32 exact ones behind the point of a small number.
  var root = Double(prime).squareRoot()
  for _ in 0..<50 { root -= (root * root * root - Double(prime)) / (3 * root * root) }
  return fraction(root)
}

private func fraction(_ value: Double) -> UInt32 {
  UInt32((value - value.rounded(.down)) * 4_294_967_296)
}

private func primes(_ count: Int) -> [Int] {
  var result: [Int] = []
  var number = 2
  while result.count < count {
    if result.allSatisfy({ !number.isMultiple(of: $0) }) { result.append(number) }
    number += 1
  }
  return result
}
