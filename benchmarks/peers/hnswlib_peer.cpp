// hnswlib behind a line protocol, so that a benchmark can take turns with it on the same files.
//
//   hnswlib_peer BASE QUERIES DIMENSION l2|ip M EF_CONSTRUCTION THREADS [INDEX]
//
// Files are little-endian float32, row by row. It opens INDEX when that
// file exists, else builds and saves it there; prints "built SECONDS CPU_SECONDS BYTES", then answers on standard input:
//   search EF K REPEAT FILE   runs every query REPEAT times on one thread, writes the ids (int32) to FILE ("-" for none),
//                             prints "searched SECONDS CPU_SECONDS DISTANCES" (for all repeats)
//   parallel EF K REPEAT THREADS  the same on many threads, prints "searched SECONDS 0 0"
//   save FILE / open FILE     prints "saved SECONDS" / "opened SECONDS"
//   quit
#include <hnswlib/hnswlib.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <ctime>
#include <thread>
#include <vector>

namespace {

using Index = hnswlib::HierarchicalNSW<float>;

std::vector<float> read_floats(const std::string& path) {
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    if (!file) { std::cerr << "cannot read " << path << "\n"; std::exit(2); }
    const auto bytes = static_cast<std::size_t>(file.tellg());
    std::vector<float> values(bytes / sizeof(float));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(bytes));
    return values;
}

double now() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// What this thread (or process) ran, whoever else the machine served meanwhile.
double cpu(clockid_t clock = CLOCK_THREAD_CPUTIME_ID) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

template <typename Body>
void in_parallel(std::size_t count, int threads, Body body) {
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; t++) {
        workers.emplace_back([&] {
            for (std::size_t i = next++; i < count; i = next++) body(i);
        });
    }
    for (auto& worker : workers) worker.join();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 8 && argc != 9) { std::cerr << "usage: hnswlib_peer BASE QUERIES DIMENSION l2|ip M EF_CONSTRUCTION THREADS [INDEX]\n"; return 2; }
    const std::vector<float> base = read_floats(argv[1]);
    const std::vector<float> queries = read_floats(argv[2]);
    const std::size_t dimension = std::stoul(argv[3]);
    const std::size_t count = base.size() / dimension, query_count = queries.size() / dimension;
    const std::size_t m = std::stoul(argv[5]), ef_construction = std::stoul(argv[6]);
    const int threads = std::stoi(argv[7]);

    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    if (std::string(argv[4]) == "l2") space = std::make_unique<hnswlib::L2Space>(dimension);
    else space = std::make_unique<hnswlib::InnerProductSpace>(dimension);

    double start = now();
    const double cpu_start = cpu(CLOCK_PROCESS_CPUTIME_ID);
    std::unique_ptr<Index> index;
    if (argc == 9 && std::ifstream(argv[8]).good()) {
        index = std::make_unique<Index>(space.get(), argv[8]);
    } else {
        index = std::make_unique<Index>(space.get(), count, m, ef_construction, 42);
        index->addPoint(base.data(), 0);
        in_parallel(count - 1, threads, [&](std::size_t i) { index->addPoint(base.data() + (i + 1) * dimension, i + 1); });
    }
    const double elapsed = now() - start, processor = cpu(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
    // Before anyone is told, who may be gone by now: minutes of building should not be lost.
    if (argc == 9 && !std::ifstream(argv[8]).good()) index->saveIndex(argv[8]);
    std::printf("built %.4f %.4f %zu\n", elapsed, processor, index->max_elements_ * index->size_data_per_element_);
    std::fflush(stdout);

    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream words(line);
        std::string command;
        words >> command;
        if (command == "quit") break;
        if (command == "save" || command == "open") {
            std::string path;
            words >> path;
            start = now();
            if (command == "save") index->saveIndex(path);
            else index = std::make_unique<Index>(space.get(), path);
            if (command == "open") index->searchKnn(queries.data(), 10);
            std::printf("%s %.5f\n", command == "save" ? "saved" : "opened", now() - start);
        } else if (command == "search" || command == "parallel") {
            std::size_t ef, k;
            int repeat;
            words >> ef >> k >> repeat;
            index->setEf(ef);
            index->metric_distance_computations = 0;
            if (command == "parallel") {
                int workers;
                words >> workers;
                start = now();
                in_parallel(query_count * repeat, workers, [&](std::size_t i) { index->searchKnn(queries.data() + (i % query_count) * dimension, k); });
                std::printf("searched %.6f 0 0\n", now() - start);
            } else {
                std::string path;
                words >> path;
                std::vector<std::int32_t> ids(query_count * k, -1);
                start = now();
                const double cpu_start = cpu();
                for (int r = 0; r < repeat; r++) {
                    for (std::size_t q = 0; q < query_count; q++) {
                        auto found = index->searchKnn(queries.data() + q * dimension, k);
                        for (std::size_t i = found.size(); i-- > 0; found.pop()) ids[q * k + i] = static_cast<std::int32_t>(found.top().second);
                    }
                }
                std::printf("searched %.6f %.6f %ld\n", now() - start, cpu() - cpu_start, static_cast<long>(index->metric_distance_computations));
                if (path != "-") std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(ids.data()), static_cast<std::streamsize>(ids.size() * sizeof(std::int32_t)));
            }
        } else {
            std::printf("unknown %s\n", command.c_str());
        }
        std::fflush(stdout);
    }
    return 0;
}
