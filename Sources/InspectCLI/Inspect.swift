#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@main
enum Inspect {
  static let version = "0.1.0"

  static func main() {
    do {
      switch try ArgumentParser.parse(Array(CommandLine.arguments.dropFirst())) {
      case .version: Output.line("inspect \(version)")
      case .help(let text): Output.text(text)
      case .run(let invocation): exit(try invocation.verb.run(invocation).rawValue)
      }
    } catch let error as CommandError {
      Output.note(error.line)
      exit(error.status.rawValue)
    } catch {
      Output.note(CommandError(.failed, "\(error)").line)
      exit(ExitStatus.failed.rawValue)
    }
  }
}
