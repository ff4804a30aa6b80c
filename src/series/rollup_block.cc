#include "series/rollup_block.h"

#include <algorithm>
#include <limits>

namespace energy::series {

RollupField& RollupBlock::FindOrAdd(FieldRef field) {
  const auto at =
      std::lower_bound(fields.begin(), fields.end(), field,
                       [](const RollupField& f, FieldRef ref) { return f.field < ref; });
  if (at != fields.end() && at->field == field) return *at;
  const auto added = fields.insert(at, RollupField());
  added->field = field;
  return *added;
}

void RollupBlock::Clear(unsigned bucket) {
  for (RollupField& field : fields) {
    field.there &= ~(uint32_t{1} << bucket);
    field.buckets[bucket] = {};
  }
}

int64_t RollupBlock::LastOf(unsigned bucket) const {
  int64_t last = std::numeric_limits<int64_t>::min();
  for (const RollupField& field : fields) {
    if ((field.there >> bucket & 1) != 0) last = std::max(last, field.buckets[bucket].last_ns);
  }
  return last;
}

base::Result<RollupBlock> DecodeRollup(std::string_view bytes, const RollupShape& shape,
                                       std::span<const FieldRef> selection) {
  ENERGY_ASSIGN_OR_RETURN(const RollupView view, RollupView::Parse(bytes, shape));
  RollupBlock block;
  block.start_ns = view.start_ns();
  for (size_t i = 0; i < view.fields().size(); ++i) {
    const FieldRef ref = view.fields()[i];
    if (!selection.empty() &&
        std::find(selection.begin(), selection.end(), ref) == selection.end()) {
      continue;
    }
    RollupField& field = block.fields.emplace_back();
    field.field = ref;
    field.there = view.there(i);
    ENERGY_RETURN_IF_ERROR(view.Decode(i, field.buckets));
  }
  return block;
}

}  // namespace energy::series
