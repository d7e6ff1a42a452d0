import ArgumentParser
import EmbeddingStore
import ImageEmbedding

/// A region of interest, written `X,Y,W,H`.
struct RegionArgument: ExpressibleByArgument {
  let region: RegionOfInterest

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0)
    }
    guard numbers.count == 4, let x = numbers[0], let y = numbers[1], let width = numbers[2],
      let height = numbers[3], x >= 0, y >= 0, width > 0, height > 0
    else { return nil }
    region = RegionOfInterest(x: x, y: y, width: width, height: height)
  }

  var defaultValueDescription: String {
    "\(region.x),\(region.y),\(region.width),\(region.height)"
  }
}

/// A clockwise turn, written in degrees.
struct RotationArgument: ExpressibleByArgument {
  let rotation: Rotation

  init(rotation: Rotation) {
    self.rotation = rotation
  }

  init?(argument: String) {
    guard let rotation = Int(argument).flatMap(Rotation.init(rawValue:)) else { return nil }
    self.rotation = rotation
  }

  var defaultValueDescription: String { "\(rotation.rawValue)" }
}

/// A raw frame, written `FORMAT:WxH`.
struct RawArgument: ExpressibleByArgument {
  let format: PixelFormat
  let width: Int
  let height: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2,
      let format = PixelFormat.allCases.first(where: { "\($0)" == parts[0] })
    else { return nil }
    let sides = parts[1].split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let width = sides[0], let height = sides[1] else { return nil }
    self.format = format
    self.width = width
    self.height = height
  }
}

/// An orientation, written as its EXIF number.
struct OrientationArgument: ExpressibleByArgument {
  let orientation: Orientation

  init?(argument: String) {
    guard let orientation = UInt8(argument).flatMap(Orientation.init(rawValue:)) else {
      return nil
    }
    self.orientation = orientation
  }
}

/// One of the library's choices, written as its name.
struct ChoiceArgument<Choice>: ExpressibleByArgument
where Choice: RawRepresentable<String> & CaseIterable & Sendable {
  let choice: Choice

  init(_ choice: Choice) {
    self.choice = choice
  }

  init?(argument: String) {
    guard let choice = Choice(rawValue: argument) else { return nil }
    self.choice = choice
  }

  var defaultValueDescription: String { choice.rawValue }

  static var allValueStrings: [String] { Choice.allCases.map(\.rawValue) }

  /// The names as the help lists them.
  static var names: String { allValueStrings.joined(separator: "|") }
}

/// One number or several with commas between them.
struct NumbersArgument: ExpressibleByArgument {
  let values: [Float]

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Float($0)
    }
    values = numbers.compactMap(\.self)
    guard values.count == numbers.count else { return nil }
  }

  var defaultValueDescription: String { values.map(\.description).joined(separator: ",") }
}

/// How vectors are written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case jsonl
  case csv
  case npy
}

/// A part of the inputs, written `I/N`.
struct ShardArgument: ExpressibleByArgument {
  /// More machines than anybody has, and no overflow.
  private static let largestCount = 1_000_000

  let shard: Shard

  init?(argument: String) {
    let numbers = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let number = numbers[0], let count = numbers[1],
      (1...Self.largestCount).contains(count), (1...count).contains(number)
    else { return nil }
    shard = Shard(number: number, count: count)
  }

  var defaultValueDescription: String { "\(shard.number)/\(shard.count)" }
}

/// How components are stored, as far as that is a choice.
enum StorageArgument: String, ExpressibleByArgument, CaseIterable {
  case float32
  case float16
}
