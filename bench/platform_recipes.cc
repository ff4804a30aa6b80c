/// How the platform is asked for what its peers are asked for: see time_series_server.h.

#include "base/time_text.h"
#include "platform_server.h"

namespace energy::bench {

Recipe PlatformServer::Write() const {
  Recipe recipe{http::Method::kPost, "/api/v2/write?precision=ns", "", headers_};
  recipe.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  return recipe;
}

Recipe PlatformServer::Raw(const Span& span) const {
  return {http::Method::kGet,
          "/api/data/telemetry/" + span.device + "?layout=columns&time=ms&limit=100000&start=" +
              base::FormatTimestamp(span.start) + "&end=" + base::FormatTimestamp(span.end),
          "", headers_};
}

size_t PlatformServer::CountReadings(const std::string& answer) const {
  return base::Json::parse(answer)["data"]["fields"]["temperature"].size();
}

Recipe PlatformServer::HourlyMean(const Span& span, const std::string& field) const {
  const base::Json query{{"device_id", span.device},
                         {"start_time", base::FormatTimestamp(span.start)},
                         {"end_time", base::FormatTimestamp(span.end)},
                         {"fields", {field}},
                         {"aggregate", "mean"},
                         {"interval", "1h"}};
  return {http::Method::kPost, "/api/data/query?layout=columns&time=ms", query.dump(), headers_};
}

std::vector<double> PlatformServer::Means(const std::string& answer) const {
  const auto json = base::Json::parse(answer);
  return json["data"]["series"][0]["fields"].begin()->get<std::vector<double>>();
}

}  // namespace energy::bench
