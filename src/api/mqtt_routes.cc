#include <algorithm>
#include <array>
#include <charconv>

#include "api/input.h"
#include "api/json_views.h"
#include "api/part_routes.h"
#include "api/resources.h"
#include "base/base64.h"
#include "base/time_text.h"
#include "sql/value.h"

namespace energy::api {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr int64_t kMaxTraceSeconds = 3600;

struct ClientOrder {
  std::string_view name;
  bool (*less)(const mqtt::ClientInfo&, const mqtt::ClientInfo&);
};

template <auto Member>
bool Less(const mqtt::ClientInfo& a, const mqtt::ClientInfo& b) {
  return a.*Member < b.*Member;
}

constexpr std::array kClientOrders{
    ClientOrder{"client_id", Less<&mqtt::ClientInfo::client_id>},
    ClientOrder{"username", Less<&mqtt::ClientInfo::username>},
    ClientOrder{"address", Less<&mqtt::ClientInfo::address>},
    ClientOrder{"connected_at", Less<&mqtt::ClientInfo::connected_at>},
    ClientOrder{"subscriptions", Less<&mqtt::ClientInfo::subscriptions>},
    ClientOrder{"messages_received", Less<&mqtt::ClientInfo::messages_received>},
    ClientOrder{"messages_sent", Less<&mqtt::ClientInfo::messages_sent>},
    ClientOrder{"bytes_received", Less<&mqtt::ClientInfo::bytes_received>},
    ClientOrder{"bytes_sent", Less<&mqtt::ClientInfo::bytes_sent>},
    ClientOrder{"queued", Less<&mqtt::ClientInfo::queued>},
    ClientOrder{"messages_dropped", Less<&mqtt::ClientInfo::messages_dropped>},
};

bool Contains(std::string_view text, std::string_view part) {
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), [&](char a, char b) {
           return lower(static_cast<unsigned char>(a)) == lower(static_cast<unsigned char>(b));
         }) != text.end();
}

base::Status Sort(std::vector<mqtt::ClientInfo>& clients, std::string_view sort) {
  const bool descending = sort.starts_with('-');
  if (descending) sort.remove_prefix(1);
  if (sort.empty()) sort = "client_id";
  const auto order = std::find_if(kClientOrders.begin(), kClientOrders.end(),
                                  [&](const ClientOrder& known) { return known.name == sort; });
  if (order == kClientOrders.end()) {
    std::string names;
    for (const ClientOrder& known : kClientOrders) {
      names += (names.empty() ? "" : ", ") + std::string(known.name);
    }
    return base::InvalidField("sort", "must be one of " + names + ", with - for descending");
  }
  std::sort(clients.begin(), clients.end(), [&](const auto& a, const auto& b) {
    if (order->less(a, b)) return !descending;
    if (order->less(b, a)) return descending;
    return a.client_id < b.client_id;
  });
  return {};
}

template <class T>
sql::Listing<T> PageOf(std::vector<T> all, sql::Page page) {
  sql::Listing<T> listing{{}, static_cast<int64_t>(all.size()), page};
  const size_t begin = std::min(all.size(), static_cast<size_t>(page.page - 1) * page.page_size);
  const size_t end = std::min(all.size(), begin + static_cast<size_t>(page.page_size));
  listing.items.assign(std::make_move_iterator(all.begin() + static_cast<ptrdiff_t>(begin)),
                       std::make_move_iterator(all.begin() + static_cast<ptrdiff_t>(end)));
  return listing;
}

base::Status NoClient(std::string_view id) {
  return base::NotFound("no MQTT client '" + std::string(id) + "' is connected");
}

Response ListClients(Request& request, mqtt::Broker& broker, const Envelope& envelope) {
  QueryInput input(request);
  const std::string search = input.Text("search").value_or("");
  const std::string sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  std::vector<mqtt::ClientInfo> clients = broker.Clients();
  std::erase_if(clients, [&](const mqtt::ClientInfo& client) {
    return !Contains(client.client_id, search) && !Contains(client.username, search) &&
           !Contains(client.address, search);
  });
  if (const base::Status status = Sort(clients, sort); !status.ok()) return envelope.Error(status);
  return envelope.Ok(ListToJson("clients", PageOf(std::move(clients), page)));
}

Response GetClient(Request& request, mqtt::Broker& broker, const Envelope& envelope) {
  std::vector<mqtt::ClientSubscription> subscriptions;
  const auto client = broker.Client(request.Param("id"), subscriptions);
  if (!client) return envelope.Error(NoClient(request.Param("id")));
  base::Json json = ToJson(*client);
  base::Json filters = base::Json::array();
  for (const mqtt::ClientSubscription& subscription : subscriptions) {
    filters.push_back({{"filter", subscription.filter}, {"qos", subscription.qos}});
  }
  json["filters"] = std::move(filters);
  return envelope.Ok(json);
}

Response Disconnect(Request& request, mqtt::Broker& broker, const Envelope& envelope) {
  if (!broker.DisconnectClient(request.Param("id"))) {
    return envelope.Error(NoClient(request.Param("id")));
  }
  return envelope.Ok({{"message", "The client is disconnected; it may connect again."}});
}

Response ListErrors(Request& request, mqtt::Broker& broker, const Envelope& envelope) {
  QueryInput input(request);
  const std::string search = input.Text("search").value_or("");
  const auto is_order = [](std::string_view text) -> std::optional<std::string> {
    return text == "time" || text == "-time" ? std::optional(std::string(text)) : std::nullopt;
  };
  const auto sort = input.Enum("sort", is_order, "time, -time");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  std::vector<mqtt::ClientError> errors = broker.Errors();
  if (sort == "time") std::reverse(errors.begin(), errors.end());
  std::erase_if(errors, [&](const mqtt::ClientError& error) {
    return !Contains(error.client_id, search) && !Contains(error.username, search) &&
           !Contains(error.address, search) && !Contains(error.error, search);
  });
  return envelope.Ok(ListToJson("errors", PageOf(std::move(errors), page)));
}

base::Json TraceToJson(std::string_view client_id, const mqtt::PacketTrace& trace) {
  base::Json packets = base::Json::array();
  uint64_t forgotten = 0;
  for (const mqtt::TracedPacket& packet : trace.packets(forgotten))
    packets.push_back(ToJson(packet));
  return {{"client_id", client_id},
          {"started_at", base::FormatTimestamp(trace.started_at())},
          {"ends_at", base::FormatTimestamp(trace.ends_at())},
          {"running", !trace.over()},
          {"with_payload", trace.with_payload()},
          {"forgotten", forgotten},
          {"packets", std::move(packets)}};
}

Response StartTrace(Request& request, mqtt::Broker& broker, const Envelope& envelope) {
  const std::string id(request.Param("id"));
  QueryInput query(request);
  const auto with_payload = query.Enum(
      "payload",
      [](std::string_view text) -> std::optional<bool> {
        if (text != "true" && text != "false") return std::nullopt;
        return text == "true";
      },
      "true, false");
  if (const base::Status status = query.Check(); !status.ok()) return envelope.Error(status);
  BodyInput input(request);
  const auto duration = input.Integer("duration_s");
  if (!duration) {
    input.Fail("duration_s", "is required");
  } else if (*duration < 0 || *duration > kMaxTraceSeconds) {
    input.Fail("duration_s", "must be from 0 (stop) to 3600");
  }
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  std::vector<mqtt::ClientSubscription> subscriptions;
  if (!broker.Client(id, subscriptions)) return envelope.Error(NoClient(id));
  if (*duration == 0) {
    if (const auto running = broker.Trace(id)) running->Stop();
    return envelope.Ok({{"message", "The trace is stopped; it can still be read."}});
  }
  const base::Status status =
      broker.StartTrace(id, std::chrono::seconds(*duration), with_payload.value_or(false));
  if (!status.ok()) return envelope.Error(status);
  return envelope.Ok({{"message", "The trace is running."}});
}

Response ReadTrace(Request& request, mqtt::Broker& broker, const Envelope& envelope) {
  const std::string_view id = request.Param("id");
  const mqtt::PacketTracePtr trace = broker.Trace(id);
  if (!trace) {
    return envelope.Error(
        base::NotFound("there is no trace of the MQTT client '" + std::string(id) + "'"));
  }
  return envelope.Ok(TraceToJson(id, *trace));
}

}  // namespace

void AddMqttRoutes(Routes& routes, mqtt::Broker& broker, const Envelope& envelope) {
  PartRoutes<mqtt::Broker> added(routes, broker, envelope);
  added.Add(Method::kGet, "/api/mqtt/clients", ListClients);
  added.Add(Method::kGet, "/api/mqtt/clients/{id}", GetClient);
  added.Add(Method::kDelete, "/api/mqtt/clients/{id}", Disconnect);
  added.Add(Method::kGet, "/api/mqtt/clients/{id}/trace", ReadTrace);
  added.Add(Method::kPost, "/api/mqtt/clients/{id}/trace", StartTrace);
  added.Add(Method::kGet, "/api/mqtt/errors", ListErrors);
}

}  // namespace energy::api
