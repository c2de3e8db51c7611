"""Every Step Functions operation that the installed boto3 has, against AWS_ENDPOINT_URL_SFN.

Argument: the ARN of a running Map Run. Prints which operations have not been called, as a JSON list.
"""

import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/statehouse"
PLACE = "arn:aws:states:us-east-1:000000000000"

# Older versions of boto3 do not read AWS_ENDPOINT_URL_SFN; "sync-127.0.0.1" leads nowhere.
sfn = boto3.client(
    "stepfunctions",
    endpoint_url=os.environ["AWS_ENDPOINT_URL_SFN"],
    config=Config(inject_host_prefix=False),
)
operations = set(sfn.meta.service_model.operation_names)
called = set()
sfn.meta.events.register("before-call.stepfunctions", lambda model, **_: called.add(model.name))


def has(operation):
    return operation in operations


def definition(**state):
    return json.dumps({"StartAt": "Only", "States": {"Only": {"End": True, **state}}})


GREET = definition(Type="Pass", Result="hello")
REST = definition(Type="Wait", Seconds=600)


def create(name, text, **more):
    return sfn.create_state_machine(name=name, definition=text, roleArn=ROLE, **more)["stateMachineArn"]


def start(machine, **more):
    return sfn.start_execution(stateMachineArn=machine, **more)["executionArn"]


def until_ended(execution):
    while True:
        described = sfn.describe_execution(executionArn=execution)
        if described["status"] != "RUNNING":
            return described


def expect_error(name, message, call, /, **arguments):
    """The call is refused with the exception class that boto3 has for the error, if it has one."""
    try:
        call(**arguments)
    except getattr(sfn.exceptions, name, ClientError) as error:
        assert error.response["Error"]["Code"] == name, error
        assert message in error.response["Error"]["Message"], error
        assert error.response["ResponseMetadata"]["RequestId"], error
    else:
        raise AssertionError(f"{call.__name__}({arguments}) was not refused with {name}")


def state_machines():
    machine = create("greeter", GREET)
    described = sfn.describe_state_machine(stateMachineArn=machine)
    assert described["definition"] == GREET and described["creationDate"].tzinfo, described
    sfn.update_state_machine(stateMachineArn=machine, definition=REST)
    create("paged", GREET)
    pages = sfn.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 1})
    names = [listed["name"] for page in pages for listed in page["stateMachines"]]
    assert {"greeter", "paged"} <= set(names), names
    if has("ValidateStateMachineDefinition"):
        assert sfn.validate_state_machine_definition(definition=GREET)["result"] == "OK"
    sfn.delete_state_machine(stateMachineArn=machine)
    expect_error("StateMachineAlreadyExists", "paged", create, name="paged", text=REST)
    expect_error("InvalidDefinition", "", create, name="bad", text="{}")
    expect_error("InvalidArn", "nonsense", sfn.describe_state_machine, stateMachineArn="nonsense")


def versions_and_aliases():
    if not has("PublishStateMachineVersion"):
        return
    machine = create("versioned", GREET)
    version = sfn.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    sfn.list_state_machine_versions(stateMachineArn=machine)
    routes = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = sfn.create_state_machine_alias(name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    sfn.update_state_machine_alias(stateMachineAliasArn=alias, description="what customers use")
    described = sfn.describe_state_machine_alias(stateMachineAliasArn=alias)
    assert described["routingConfiguration"] == routes, described
    assert sfn.list_state_machine_aliases(stateMachineArn=machine)["stateMachineAliases"]
    expect_error("ConflictException", "", sfn.delete_state_machine_version, stateMachineVersionArn=version)
    sfn.delete_state_machine_alias(stateMachineAliasArn=alias)
    sfn.delete_state_machine_version(stateMachineVersionArn=version)


def executions():
    greeting = create("greeting", GREET)
    execution = start(greeting, name="first", input='{"to": "Zoë"}')
    described = until_ended(execution)
    assert described["status"] == "SUCCEEDED" and described["output"] == '"hello"', described
    assert described["input"] == '{"to": "Zoë"}', described
    pages = sfn.get_paginator("get_execution_history").paginate(
        executionArn=execution, PaginationConfig={"PageSize": 3}
    )
    assert [event["id"] for page in pages for event in page["events"]] == [1, 2, 3, 4]
    sfn.describe_state_machine_for_execution(executionArn=execution)
    resting = start(create("resting", REST))
    assert sfn.stop_execution(executionArn=resting, error="Enough")["stopDate"]
    listed = sfn.list_executions(stateMachineArn=greeting, statusFilter="SUCCEEDED")["executions"]
    assert [found["executionArn"] for found in listed] == [execution], listed
    expect_error("InvalidExecutionInput", "", start, machine=greeting, input="{")
    expect_error("StateMachineTypeNotSupported", "", sfn.start_sync_execution, stateMachineArn=greeting)
    express = create("express", GREET, type="EXPRESS")
    answered = sfn.start_sync_execution(stateMachineArn=express, input='{"to": "Zoë"}')
    assert answered["status"] == "SUCCEEDED" and answered["output"] == '"hello"', answered
    missing = f"{PLACE}:execution:none:none"
    expect_error("ExecutionDoesNotExist", missing, sfn.describe_execution, executionArn=missing)
    expect_error("InvalidToken", "", sfn.list_state_machines, nextToken="forged")


def activities():
    activity = sfn.create_activity(name="work")["activityArn"]
    sfn.describe_activity(activityArn=activity)
    assert sfn.list_activities()["activities"]
    machine = create("working", definition(Type="Task", Resource=activity))
    succeeding = start(machine, input='{"order":7}')
    task = sfn.get_activity_task(activityArn=activity, workerName="worker-1")
    assert task["input"] == '{"order":7}', task
    sfn.send_task_heartbeat(taskToken=task["taskToken"])
    sfn.send_task_success(taskToken=task["taskToken"], output="42")
    assert until_ended(succeeding)["output"] == "42"
    expect_error("TaskTimedOut", "", sfn.send_task_heartbeat, taskToken=task["taskToken"])
    failing = start(machine)
    task = sfn.get_activity_task(activityArn=activity)
    sfn.send_task_failure(taskToken=task["taskToken"], error="Broken", cause="x")
    assert until_ended(failing)["error"] == "Broken"
    if has("RedriveExecution"):
        assert sfn.redrive_execution(executionArn=failing)["redriveDate"]
        expect_error("ExecutionNotRedrivable", "", sfn.redrive_execution, executionArn=succeeding)
    sfn.delete_activity(activityArn=activity)
    expect_error("ActivityDoesNotExist", activity, sfn.get_activity_task, activityArn=activity)


def tags():
    machine = create("tagged", GREET, tags=[{"key": "team", "value": "checkout"}])
    sfn.tag_resource(resourceArn=machine, tags=[{"key": "tier", "value": "1"}])
    sfn.untag_resource(resourceArn=machine, tagKeys=["team"])
    assert sfn.list_tags_for_resource(resourceArn=machine)["tags"] == [{"key": "tier", "value": "1"}]


def map_runs(map_run):
    described = sfn.describe_map_run(mapRunArn=map_run)
    assert described["itemCounts"]["total"] == 3, described
    sfn.update_map_run(mapRunArn=map_run, toleratedFailurePercentage=12.5)
    assert sfn.list_map_runs(executionArn=described["executionArn"])["mapRuns"]
    expect_error("ResourceNotFound", "", sfn.update_map_run, mapRunArn=f"{map_run[:-1]}_", maxConcurrency=1)


def test_state():
    if not has("TestState"):
        return
    state = json.dumps({"Type": "Pass", "Result": 42, "End": True})
    assert sfn.test_state(definition=state, roleArn=ROLE)["output"] == "42"


def credentials():
    secret = {"aws_access_key_id": os.environ["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": "x" * 40}
    stranger = boto3.client("stepfunctions", endpoint_url=os.environ["AWS_ENDPOINT_URL_SFN"], **secret)
    expect_error("InvalidSignatureException", "", stranger.list_state_machines)


state_machines()
versions_and_aliases()
executions()
activities()
tags()
map_runs(sys.argv[1])
test_state()
credentials()
print(json.dumps(sorted(operations - called)))
