// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "inspect",
  targets: [
    .target(name: "VisionImage"),
    .target(name: "Configuration"),
    .testTarget(name: "VisionImageTests", dependencies: ["VisionImage"]),
    .testTarget(name: "ConfigurationTests", dependencies: ["Configuration"]),
  ],
  swiftLanguageModes: [.v6]
)
