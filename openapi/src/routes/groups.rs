//! Groups, and who is in them.

use std::collections::BTreeMap;

use shared::{
    domain::BuiltinGroup,
    http::{
        ApiError, response,
        view::{GroupDetails, GroupListItem, GroupView, MemberView, MembershipView},
    },
};

use super::DescribeFn;
use crate::{
    errors::invalid,
    examples::Examples,
    fields::LineText,
    operation::Operation,
    requests::{CreateGroup, CreateMembership, ListGroups, NameGroup, UpdateMembership},
    schemas::Schemas,
};

pub(crate) const TAG: &str = "Groups";

/// What is said of each.
pub(super) const ROUTES: &[(&str, DescribeFn)] = &[
    ("list-groups", list),
    ("create-group", create),
    ("get-group", get),
    ("update-group", update),
    ("delete-group", delete),
    ("list-memberships", memberships),
    ("create-membership", join),
    ("update-membership", update_membership),
    ("delete-membership", leave),
    ("clear-group", clear),
];

fn operation<'s>(schemas: &'s mut Schemas, summary: &'static str, says: &str) -> Operation<'s> {
    Operation::new(schemas, TAG, summary)
        .paragraph(says)
        .authenticated()
        .error("forbidden", ApiError::Forbidden)
}

fn of_group(operation: Operation<'_>) -> Operation<'_> {
    operation.path_id("The group's number.", 3).error("unknown", ApiError::NotFound)
}

fn of_membership(operation: Operation<'_>) -> Operation<'_> {
    operation.path_id("The membership's number.", 18).error("unknown", ApiError::NotFound)
}

fn list(schemas: &mut Schemas) -> Operation<'_> {
    let group = schemas.examples.analysts.clone();
    let groups = [GroupListItem::new(&group, 1)];
    operation(schemas, "List groups", "For administrators. The groups by name, each with the number of its active members.")
        .dialects("documented refuses a `limit` or `offset` that makes no sense, metabase takes it for absent.")
        .query::<ListGroups>()
        .response::<Vec<GroupListItem<'_>>>("The groups.", &[("groups", response::ok(&groups))])
        .link(&[("get-group", "$response.body#/0/id")])
        .errors([invalid("tenancy", "value must be either external or internal.")])
}

fn create(schemas: &mut Schemas) -> Operation<'_> {
    let group = response::ok(&GroupView::from(&schemas.examples.analysts));
    let body = CreateGroup { name: LineText("Analysts"), is_tenant_group: None };
    operation(schemas, "Make a group", "For administrators.")
        .request_body(&[("group", body)])
        .response::<GroupView<'_>>("The new group.", &[("group", group)])
        .idempotent()
        .link(&[
            ("get-group", "$response.body#/id"),
            ("update-group", "$response.body#/id"),
            ("clear-group", "$response.body#/id"),
            ("delete-group", "$response.body#/id"),
        ])
        .errors([invalid("name", "value must be a non-blank string.")])
        .error("name-taken", ApiError::GroupNameTaken)
        .error(
            "sold",
            ApiError::PremiumFeature(functions::groups::create_group::TENANTS_ARE_PREMIUM),
        )
}

fn get(schemas: &mut Schemas) -> Operation<'_> {
    let Examples { jane, analysts, .. } = &schemas.examples;
    let group = response::ok(&GroupDetails::new(analysts, std::slice::from_ref(jane)));
    of_group(operation(
        schemas,
        "Tell a group and its members",
        "For administrators. Members that are active.",
    ))
    .response::<GroupDetails<'_>>("The group.", &[("group", group)])
    .error("too-long", ApiError::BadRequest(response::RESPONSE_TOO_LARGE))
}

fn update(schemas: &mut Schemas) -> Operation<'_> {
    let group = response::ok(&GroupView::from(&schemas.examples.analysts));
    let body = NameGroup { name: LineText("Scientists") };
    let says = "For administrators. The groups that always exist keep their names.";
    of_group(operation(schemas, "Give a group another name", says))
        .request_body(&[("group", body)])
        .response::<GroupView<'_>>("The group as it is now.", &[("group", group)])
        .errors([invalid("name", "value must be a non-blank string.")])
        .error("name-taken", ApiError::GroupNameTaken)
        .error("all-users", ApiError::BuiltinGroup(BuiltinGroup::AllUsers))
        .error("administrators", ApiError::BuiltinGroup(BuiltinGroup::Administrators))
        .error("conflict", ApiError::Contention)
}

fn delete(schemas: &mut Schemas) -> Operation<'_> {
    let says = "For administrators. All memberships of the group end. The groups that always exist stay. A deletion \
        that was cut short is finished by another.";
    of_group(operation(schemas, "Delete a group", says))
        .no_content("The group is gone.")
        .error("all-users", ApiError::BuiltinGroup(BuiltinGroup::AllUsers))
        .error("administrators", ApiError::BuiltinGroup(BuiltinGroup::Administrators))
        .error("conflict", ApiError::Contention)
}

fn memberships(schemas: &mut Schemas) -> Operation<'_> {
    let Examples { ada, jane, .. } = schemas.examples.clone();
    let all = response::ok(&MembershipView::by_user(&[ada, jane]));
    let says = "For administrators. The memberships of every account, active or not, by the account's number.";
    operation(schemas, "List who is in which groups", says)
        .error("too-long", ApiError::BadRequest(response::RESPONSE_TOO_LARGE))
        .response::<BTreeMap<u64, Vec<MembershipView>>>("The memberships.", &[("all", all)])
}

fn join(schemas: &mut Schemas) -> Operation<'_> {
    let body = CreateMembership { user_id: 2, group_id: 3, is_group_manager: None };
    let Examples { jane, analysts, .. } = &schemas.examples;
    let members = response::ok(&MemberView::all(std::slice::from_ref(jane), analysts.id));
    operation(schemas, "Put an account into a group", "For administrators. Who joins group 2 becomes an administrator.")
        .dialects("documented names the field of an account or group that does not exist, metabase has a bare text.")
        .request_body(&[("membership", body)])
        .response::<Vec<MemberView<'_>>>("All active members of the group.", &[("members", members)])
        .idempotent()
        .link(&[("delete-membership", "$response.body#/0/membership_id")])
        .errors([invalid("user_id", "value must be an integer greater than zero.")])
        .error("no-such-account", ApiError::UnknownReference("user_id"))
        .error("no-such-group", ApiError::UnknownReference("group_id"))
        .error("member-already", ApiError::AlreadyMember)
        .error("all-users", ApiError::AllUsersIsImplicit)
        .error("too-many-groups", ApiError::TooManyGroups)
        .error("sold", ApiError::PremiumFeature(functions::memberships::update_membership::GROUP_MANAGERS_ARE_PREMIUM))
        .error("conflict", ApiError::Contention)
}

fn update_membership(schemas: &mut Schemas) -> Operation<'_> {
    let body = UpdateMembership { is_group_manager: true };
    let says = "Managers of groups are what Metabase sells: administrators are answered with 402.";
    of_membership(operation(schemas, "Make somebody a group's manager", says))
        .request_body(&[("manager", body)])
        .errors([invalid("is_group_manager", "value must be a boolean.")])
        .error(
            "sold",
            ApiError::PremiumFeature(
                functions::memberships::update_membership::GROUP_MANAGERS_ARE_PREMIUM,
            ),
        )
}

fn leave(schemas: &mut Schemas) -> Operation<'_> {
    let says = "For administrators. Who leaves group 2 is no administrator any more; nobody leaves group 1.";
    of_membership(operation(schemas, "Take an account out of a group", says))
        .no_content("The account is not in the group.")
        .error("all-users", ApiError::AllUsersIsImplicit)
        .error("last-admin", ApiError::LastAdmin)
        .error("conflict", ApiError::Contention)
}

fn clear(schemas: &mut Schemas) -> Operation<'_> {
    let says = "For administrators. Nobody can be taken out of group 1, nor all out of group 2.";
    of_group(operation(schemas, "Take all accounts out of a group", says))
        .no_content("Nobody is in the group.")
        .error("all-users", ApiError::AllUsersIsImplicit)
        .error("administrators", ApiError::BadRequest("Invalid Request."))
        .error("conflict", ApiError::Contention)
}
