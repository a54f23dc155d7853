import ArgumentParser
import PlatformAPI

@main
struct Main {
    static func main() async {
        await APIProgram.main()
    }
}
