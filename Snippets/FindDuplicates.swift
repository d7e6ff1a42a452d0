// Tells which pictures of a folder of vectors are there more than once, and writes a script that moves them.
import DuplicateFinding

let report = try DuplicateFinder(EmbeddingStore("embeddings")).find()
for group in report.groups {
  print(group.tier, report.pictures[group.keep].path, group.members.count, group.reason)
}
try MoveScript(report).write(to: "move.sh")

// Without vectors, for equal bytes and equal pixels.
print(try DuplicateFinder(files: ["photos"]).find().groups.count)
