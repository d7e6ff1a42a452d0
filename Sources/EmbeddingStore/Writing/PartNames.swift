import EmbedderStorage

/// What lies in the folders of a store's parts, by its names.
struct PartNames {
  /// The files with a part's exact name, by the part's number.
  private(set) var parts: [Int: [String]] = [:]
  /// The files with names of 0.1.0, which have no zeros in front.
  private(set) var partsOfFirstVersion: [Int: [String]] = [:]
  /// What has another name.
  private(set) var others: [String] = []
  private let layout: StoreLayout

  init(in layout: StoreLayout, headCount: Int) throws(StoreError) {
    self.layout = layout
    for name in try listing(of: layout.path) ?? [] {
      let isArrays = name == "img_emb" || name.hasPrefix("img_emb_head")
      guard isArrays || name == StoreLayout.metadataFolder else { continue }
      let (stem, ending) = isArrays ? ("img_emb_", ".npy") : ("metadata_", ".jsonl")
      for file in try listing(of: layout.file(name)) ?? [] {
        let path = "\(name)/\(file)"
        if let part = StoreLayout.part(ofName: file, stem: stem, ending: ending) {
          parts[part, default: []].append(path)
        } else if let part = StoreLayout.number(inName: file, stem: stem, ending: ending),
          "\(stem)\(part)\(ending)" == file
        {
          partsOfFirstVersion[part, default: []].append(path)
        } else if !Self.isLeftover(file, stem: stem, ending: ending) {
          others.append(path)
        }
      }
    }
  }

  /// Whether a name is one that we give to what is unfinished or damaged.
  private static func isLeftover(_ name: String, stem: String, ending: String) -> Bool {
    guard name.hasPrefix(stem), let range = name.firstRange(of: "\(ending).") else { return false }
    let part = name[..<range.upperBound].dropLast()
    guard StoreLayout.number(inName: String(part), stem: stem, ending: ending) != nil else {
      return false
    }
    let rest = name[range.upperBound...]
    return rest == "partial" || rest == "damaged" || rest.hasPrefix("damaged-")
      || isTemporaryOfFirstVersion(rest)
  }

  /// `PID-RANDOM.partial`, as 0.1.0 called its temporary files.
  static func isTemporaryOfFirstVersion(_ ending: some StringProtocol) -> Bool {
    guard ending.hasSuffix(".partial") else { return false }
    return ending.dropLast(".partial".count).utf8.allSatisfy {
      (0x30...0x39).contains($0) || $0 == 0x2d
    }
  }

  /// Throws where a file has the name of a part that no record names.
  func checkOwners(_ records: [StoreRecord]) throws(StoreError) {
    var owned: Set<Int> = []
    for record in records {
      owned.formUnion(record.parts.map(\.number))
      owned.formUnion(record.announced + record.retired + record.damaged)
    }
    let hasFirstVersion = records.contains { $0.fileVersion == 1 || $0.isRenaming }
    for (number, files) in parts.sorted(by: { $0.key < $1.key }) where !owned.contains(number) {
      // 0.1.0 gave such numbers the same names.
      if hasFirstVersion, number >= 100_000 { continue }
      // Another shard may have moved it meanwhile.
      for file in files where exists(layout.file(file)) {
        throw .foreignFile(path: layout.file(file).description)
      }
    }
  }

  /// What a person should know of files that are not the store's.
  func notices(for records: [StoreRecord]) -> [String] {
    var foreign = others
    if !records.contains(where: { $0.fileVersion == 1 || $0.isRenaming }) {
      foreign += partsOfFirstVersion.values.flatMap(\.self)
    }
    guard !foreign.isEmpty else { return [] }
    let shown = foreign.sorted().prefix(5).map(quoted).joined(separator: ", ")
    let more = foreign.count > 5 ? " and \(foreign.count - 5) more" : ""
    return [
      "\(quoted(layout.path.description)) also holds \(shown)\(more), which no record names: left as it"
        + " is, but other readers may take it for vectors"
    ]
  }
}
