import Configuration
import ImageFiles
import InspectionKit
import Threading
import VisionCore
import VisionImage

/// Times whole recipes on pictures: decoding, inspecting, each tool.
struct PipelineBenchmark {
  let inspector: Inspector
  let items: [PathList.Item]
  let rounds: Int
  let json: Bool

  init(recipe: String, paths: [String], _ values: ParameterValues) throws {
    let recipe = try readRecipe(recipe)
    inspector = try makeInspector(recipe, try EngineOptions.forced(nil))
    rounds = values.whole("rounds")
    json = values.flag("json")
    do throws(ImageFileError) {
      items = try PathList(paths).items
    } catch {
      throw CommandError(.inputs, "cannot read the folder", at: error.path, why: error.reason)
    }
    guard !items.isEmpty else { throw CommandError(.inputs, "no pictures there", at: paths[0]) }
  }

  func run() throws {
    let worker = try inspector.worker()
    var decode = Benchmark.Times(), inspect = Benchmark.Times()
    var tools: [(name: String, times: Benchmark.Times)] = []
    for round in -1..<rounds {
      for item in items {
        var start = MonotonicTime.now
        let picture = try readImage(item.path)
        let decoded = MonotonicTime.now - start
        start = .now
        let record = worker.inspect(picture.view, image: item.path, time: "")
        let inspected = MonotonicTime.now - start
        // The first round makes buffers and fills caches.
        guard round >= 0 else { continue }
        decode.add(decoded)
        inspect.add(inspected)
        for (name, milliseconds) in record.toolMilliseconds {
          let place = tools.firstIndex { $0.name == name } ?? tools.count
          if place == tools.count { tools.append((name, Benchmark.Times())) }
          tools[place].times.add(milliseconds / 1000)
        }
      }
    }
    let rows = [("decode", decode), ("inspect", inspect)] + tools.map { ("  " + $0.name, $0.times) }
    if json {
      var object: JSONObject = [
        "recipe": .string(inspector.recipe.name), "images": .integer(items.count),
        "images_per_s": .rounded(1 / (decode.median + inspect.median), 1),
      ]
      for (name, times) in rows {
        let key = String(name.drop { $0 == " " })
        object[key + "_ms"] = .rounded(times.median * 1000, 4)
        object[key + "_p99_ms"] = .rounded(times.percentile(0.99) * 1000, 4)
      }
      Output.report(object, json: true)
      return
    }
    Output.line(
      "\(inspector.recipe.name): \(items.count) pictures, \(rounds) rounds, one thread, "
        + "\(JSON.rounded(1 / (decode.median + inspect.median), 1).text) pictures/s")
    Output.line("step".padded(to: 22) + "ms".padded(to: 10) + "p99")
    for (name, times) in rows {
      Output.line(
        name.padded(to: 22) + JSON.rounded(times.median * 1000, 3).text.padded(to: 10)
          + JSON.rounded(times.percentile(0.99) * 1000, 3).text)
    }
  }
}
