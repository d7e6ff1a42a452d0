import EmbedderTestSupport
import Foundation
import Testing

@Suite("Wrong usage")
struct WrongUsageTests {
  /// Arguments behind `similarity a b`, and what the first line of the error has to name.
  static let options: [(arguments: [String], parts: [String])] = [
    (["--region", "0,0,0,0"], ["--region", "0,0,0,0"]),
    (["--region", "0,0,5,0"], ["--region", "0,0,5,0"]),
    (["--region", "-1,0,5,5"], ["--region", "-1,0,5,5"]),
    (["--region", "0,-1,5,5"], ["--region", "0,-1,5,5"]),
    (["--region", "0,0,-5,5"], ["--region", "0,0,-5,5"]),
    (["--region", "a,b,c,d"], ["--region", "a,b,c,d"]),
    (["--region", "1,2,3"], ["--region", "1,2,3"]),
    (["--region", "1,2,3,4,5"], ["--region", "1,2,3,4,5"]),
    (["--region", "1,2,3,"], ["--region", "1,2,3,"]),
    (["--region", "1.5,0,5,5"], ["--region", "1.5,0,5,5"]),
    (["--region", "0 0 5 5"], ["--region", "0 0 5 5"]),
    (["--region", "99999999999999999999,0,1,1"], ["--region"]),
    (["--region"], ["--region"]),
    (["--rotation", "45"], ["--rotation", "45"]), (["--rotation", "-90"], ["--rotation", "-90"]),
    (["--rotation", "360"], ["--rotation", "360"]), (["--rotation", "x"], ["--rotation"]),
    (["--threads", "0"], ["--threads", "0"]), (["--threads", "-3"], ["--threads", "-3"]),
    (["--threads", "-1"], ["--threads", "-1"]),
    (["--threads", "100000"], ["--threads", "100000", "cores"]),
    (["--threads", "9223372036854775807"], ["--threads"]),
    (["--threads", "99999999999999999999"], ["--threads"]),
    (["--threads", "abc"], ["--threads", "abc"]), (["--threads", ""], ["--threads"]),
    (["--threads", "1.5"], ["--threads", "1.5"]),
    (["--mean", "127"], ["--mean", "--std"]), (["--std", "128"], ["--mean", "--std"]),
    (["--mean", "0", "--std", "0"], ["--std", "0"]),
    (["--mean", "0,0,0", "--std", "1,0,1"], ["--std", "0"]),
    (["--mean", "1,2", "--std", "1,2"], ["--mean", "2"]),
    (["--mean", "1,2,3", "--std", "1"], ["--mean", "--std", "3", "1"]),
    (["--mean", "a", "--std", "1"], ["--mean", "a"]),
    (["--mean", "1", "--std", "1,,1"], ["--std", "1,,1"]),
    (["--mean", "nan", "--std", "1"], ["--mean", "finite"]),
    (["--mean", "1", "--std", "inf"], ["--std", "finite"]),
    (["--mean", "1e99", "--std", "1"], ["--mean"]),
    (["--frobnicate"], ["--frobnicate"]), (["-x"], ["-x"]), (["--model"], ["--model"]),
    (["--litert"], ["--litert"]), (["--quantize=yes"], ["--quantize"]),
    (["--format", "csv"], ["--format"]), (["third.png"], ["third.png"]),
    (["--decode", "quick"], ["--decode", "quick", "exact", "fast", "task-library"]),
    (["--preset", "antialiased"], ["--preset", "task-library-v1", "antialiased-v1"]),
  ]

  @Test("is told by the option at fault, with status 64", arguments: options)
  func badOption(arguments: [String], parts: [String]) throws {
    try imageEmbedder(["similarity", "a.png", "b.png"] + arguments)
      .expectWrongUsage(naming: parts)
  }

  @Test(
    "is told for embed and info too",
    arguments: [
      (["embed"], ["inputs"]), (["embed", "a.png", "--format", "xml"], ["xml", "--format"]),
      (["embed", "a.png", "--format", "npy"], ["npy", "--output"]),
      (["embed", "a.png", "--output"], ["--output"]), (["embed", "a.png", "--json"], ["--json"]),
      (["embed", "--threads", "0", "a.png"], ["--threads"]),
      (["info", "--model", "a.tflite"], ["--model"]), (["info", "a", "b"], ["b"]),
      (["info", "--mean", "1"], ["--mean", "--std"]), (["info", "--threads", "1"], ["--threads"]),
      (["info", "--mean", "0", "--std", "0"], ["--std"]),
      (["similarity"], ["first"]), (["similarity", "a.png"], ["second"]),
      (["frobnicate"], ["frobnicate"]), (["--frobnicate"], ["--frobnicate"]),
      (["Embed", "a.png"], ["Embed"]), (["", "a.png"], [""]),
    ])
  func commands(arguments: [String], parts: [String]) throws {
    try imageEmbedder(arguments).expectWrongUsage(naming: parts.filter { $0 != "" })
  }

  @Test("names the number of cores", .enabled(if: Fixtures.hasLiteRt, Absence.runtime))
  func coreCount() throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    try imageEmbedder("similarity", "a.png", "b.png", "--threads", "\(cores + 1)")
      .expectWrongUsage(naming: ["--threads is \(cores + 1)", "from 1 to \(cores)"])
    // So many are accepted: what is wrong then is the images.
    try imageEmbedder("similarity", "/nope.png", "/nope.png", "--threads", "\(cores)")
      .expectStop(naming: ["/nope.png"])
  }

  @Test("says nothing of the reference's metadata where an option is at fault")
  func standardDeviation() throws {
    let run = try imageEmbedder("similarity", "a.png", "b.png", "--mean", "0", "--std", "0")
    #expect(!run.standardError.contains("metadata has been populated"))
  }
}
